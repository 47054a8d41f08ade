/// weir's own object and Emmett's, and the choice between the dialects (folds.md).
enum DialectScripts {
  static let text = #"""
    // What `const module = {}` would be in Node; read after the script has run.
    const holder = { exports: {} };
    fix(global, 'module', holder);
    fix(global, 'exports', holder.exports);

    const cached = (i, of) => { let value, done = false; return () => done ? value : (done = true, value = of(i)); };
    const numeric = value => {
      if (value === undefined) return undefined;
      const number = +value;
      return Number.isFinite(number) ? number : value;
    };

    // weir's own object.
    const shortType = type => {
      let end = type.length;
      for (let k = 0; k < end; k++) if (type[k] === ',' || type[k] === '[') end = k;
      let start = 0;
      for (let k = 0; k < end; k++) if (type[k] === '.' || type[k] === '$' || type[k] === '+' || type[k] === ':') start = k + 1;
      return start < end ? substring(type, start, end) : type;
    };
    const byType = (table, type) => {
      if (type === undefined) return undefined;
      if (has(table, type)) return table[type];
      const short = shortType(type);
      return short !== '$any' && has(table, short) ? table[short] : undefined;
    };
    const weirEvent = i => {
      const o = i * W;
      const data = cached(i, dataOf), meta = cached(i, metaOf);
      const headers = cached(i, () => ints[o + HEADERS] < 0 ? [] : parse(piece(o + HEADERS)));
      return freeze({
        stream: named(o + STREAM), key: named(o + KEY), partition: partitionOf(i), position: piece(o + POSITION),
        version: piece(o + VERSION), type: named(o + TYPE), id: piece(o + ID), time: piece(o + TIME),
        get headers() { return headers(); },
        get meta() { return meta(); },
        get data() { return data(); },
      });
    };
    const functionOr = (value, name) => {
      if (value === undefined || typeof value === 'function') return value;
      throw new TypeError('`' + name + '` is not a function');
    };
    const tableOf = (value, name) => {
      if (value === undefined) return {};
      if (typeof value !== 'object' || value === null) throw new TypeError('`' + name + '` is not an object');
      for (const key of ownKeys(value))
        if (typeof value[key] !== 'function') throw new TypeError('`' + name + '.' + key + '` is not a function');
      return value;
    };
    const initialOf = value => {
      if (typeof value === 'function') return () => refuseAsync(value());
      return () => cloneRoot(value === undefined ? {} : value);
    };
    const weirDialect = object => {
      const when = tableOf(object.when, 'when'), upcast = tableOf(object.upcast, 'upcast');
      const any = has(when, '$any') ? when.$any : undefined;
      const after = functionOr(object.after, 'after'), aggregate = functionOr(object.aggregate, 'aggregate');
      const invariants = tableOf(object.invariants, 'invariants');
      const initial = initialOf(object.initial ?? object.initialState);
      const plans = new RealMap();
      const planOf = type => {
        let plan = mapGet(plans, type);
        if (plan === undefined) {
          plan = { upcast: byType(upcast, type), handler: byType(when, type) ?? any };
          if (plans.size > 10000) mapClear(plans);
          mapSet(plans, type, plan);
        }
        return plan;
      };
      return {
        name: 'weir', initial, lanes: object.lanes, invariantNames: ownKeys(invariants),
        invariants: ownKeys(invariants).map(name => invariants[name]), asked: aggregate !== undefined,
        keyOf: i => aggregate(weirEvent(i)),
        apply(slot, i) {
          const type = named(i * W + TYPE);
          let plan = planOf(type), event;
          if (plan.upcast !== undefined) {
            event = plan.upcast(weirEvent(i)) ?? weirEvent(i);
            const now = event.type;
            if (now !== type) plan = { upcast: undefined, handler: planOf(now).handler };
          }
          if (!slot.begun) { slot.state = initial(); slot.begun = true; }
          if (plan.handler === undefined) return false;
          event ??= weirEvent(i);
          let result = refuseAsync(plan.handler(slot.state, event));
          if (result !== undefined) slot.state = result;
          if (after !== undefined) {
            result = refuseAsync(after(slot.state, event));
            if (result !== undefined) slot.state = result;
          }
          return true;
        },
      };
    };

    // Emmett and Decider.
    const emmettEvent = i => {
      const o = i * W;
      const data = cached(i, dataOf), meta = cached(i, metaOf);
      return {
        type: named(o + TYPE),
        get data() { return data(); },
        get metadata() { return meta(); },
        streamName: named(o + AGGREGATE), streamPosition: numeric(piece(o + VERSION)),
        globalPosition: numeric(piece(o + POSITION)), created: piece(o + TIME), id: piece(o + ID),
      };
    };
    const emmettDialect = object => {
      const { evolve } = object;
      const initial = initialOf(object.initialState ?? object.initial);
      const invariants = tableOf(object.invariants, 'invariants');
      return {
        name: 'emmett', initial, lanes: object.lanes, invariantNames: ownKeys(invariants),
        invariants: ownKeys(invariants).map(name => invariants[name]), asked: false,
        keyOf: i => named(i * W + AGGREGATE),
        apply(slot, i) {
          if (!slot.begun) { slot.state = initial(); slot.begun = true; }
          const result = refuseAsync(evolve(slot.state, emmettEvent(i)));
          if (result !== undefined) slot.state = result;
          return true;
        },
      };
    };

    // By content: a KurrentDB definition, else what the module exports, else what stands at the top level.
    const chosen = (exported, loose) => {
      const source = kurrent.end();
      if (source !== undefined) return source;
      let object = typeof holder.exports === 'function' ? { evolve: holder.exports } : { ...exported, ...holder.exports };
      if (ownKeys(object).length === 0) object = loose;
      const inner = object.default ?? object.$default;
      if (typeof inner === 'object' && inner !== null) object = { ...object, ...inner };
      if (typeof inner === 'function' && object.evolve === undefined) object = { ...object, evolve: inner };
      if (object.when !== undefined) return weirDialect(object);
      if (typeof object.evolve === 'function') return emmettDialect(object);
      throw new Error('the file defines no fold: set module.exports to an object with `when`, or with ' +
        '`initialState` and `evolve`, or begin a KurrentDB projection with fromAll(), fromStream() or fromCategory()');
    };
    const listOf = (value, name) => {
      if (value === undefined) return [];
      if (!isArray(value)) throw new TypeError('`' + name + '` is not a list of paths');
      return value.map(RealString);
    };
    driver.begin = argument => {
      file = argument;
      // Called by one more script, which alone can see the names at the top level of the fold's.
      let found = [{}, {}];
      fix(global, '__weirExported', (exported, loose) => { found = [exported, loose]; });
      driver.loaded = () => {
        delete global.__weirExported;
        dialect = chosen(...found);
        if (dialect.invariants.length > 30) throw new Error('a fold has at most 30 invariants');
        stringify(dialect.initial());
        return stringify({
          dialect: dialect.name, asked: dialect.asked, one: dialect.one, lanes: listOf(dialect.lanes, 'lanes'),
          invariants: dialect.invariantNames, streams: dialect.streams, categories: dialect.categories,
          notes: dialect.notes ?? [],
        });
      };
      return '';
    };
    """#
}
