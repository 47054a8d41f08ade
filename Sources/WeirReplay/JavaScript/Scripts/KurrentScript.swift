/// KurrentDB's projection language, first engine (V1), as its Jint state handler runs it: definition
/// functions that exist only while the script loads, a chain whose methods depend on what was called before,
/// handlers, and the functions that would write events, which are collected here and never written.
enum KurrentScript {
  static let text = #"""
    const kurrent = (() => {
      const def = {
        source: undefined, streams: [], categories: [], foreach: false, partitionBy: undefined, hasWhen: false,
        handlers: new RealMap(), any: undefined, init: undefined, initShared: undefined, created: [],
        deleted: undefined, transforms: [], allEvents: false, biState: false, includeLinks: false, notes: [],
      };
      let used = false, loading = true;

      const fail = message => { throw new Error(message); };
      const flat = (args, name) => {
        const list = args.length === 1 && isArray(args[0]) ? args[0] : args;
        const out = [];
        for (let k = 0; k < list.length; k++) {
          if (typeof list[k] !== 'string') throw new TypeError(name + ' takes names as strings');
          out[k] = list[k];
        }
        if (out.length === 0) throw new TypeError(name + ' needs a name');
        return out;
      };

      // The chain. Each step gives an object with exactly the methods that may follow.
      const chain = methods => {
        const object = {};
        for (const name of methods) object[name] = steps[name];
        return object;
      };
      const register = (type, handler) => {
        if (typeof handler !== 'function') return;
        switch (type) {
          case '$init': def.init = handler; return;
          case '$initShared': def.initShared = handler; def.biState = true; return;
          case '$created': def.created[def.created.length] = handler; return;
          case '$deleted': def.deleted = handler; return;
          case '$any': def.any = handler; def.allEvents = true; return;
        }
        if (mapHas(def.handlers, type)) fail('there is already a handler for ' + type);
        mapSet(def.handlers, type, handler);
        // The last registration wins: a named handler after `$any` narrows the projection to named types.
        def.allEvents = false;
      };
      const steps = {
        when(handlers) {
          if (typeof handlers !== 'object' || handlers === null) throw new TypeError('when takes an object of handlers');
          def.hasWhen = true;
          for (const type of ownKeys(handlers)) register(type, handlers[type]);
          return chain(['transformBy', 'filterBy', 'outputState', 'outputTo', '$defines_state_transform']);
        },
        foreachStream() { def.foreach = true; return chain(['when']); },
        partitionBy(by) {
          if (typeof by !== 'function') throw new TypeError('partitionBy takes a function');
          def.partitionBy = by;
          return chain(['when']);
        },
        outputState() { return chain(['transformBy', 'filterBy', 'outputTo']); },
        transformBy(by) {
          if (typeof by !== 'function') throw new TypeError('transformBy takes a function');
          def.transforms[def.transforms.length] = state => by(state) ?? null;
          return chain(['transformBy', 'filterBy', 'outputState', 'outputTo']);
        },
        filterBy(by) {
          if (typeof by !== 'function') throw new TypeError('filterBy takes a function');
          def.transforms[def.transforms.length] = state => by(state) === true ? state : null;
          return chain(['transformBy', 'filterBy', 'outputState', 'outputTo']);
        },
        outputTo(stream, pattern) {
          if (typeof stream !== 'string' || (pattern !== undefined && typeof pattern !== 'string'))
            throw new TypeError('outputTo takes one or two strings');
          return chain([]);
        },
        $defines_state_transform() { return chain([]); },
      };
      const grouped = ['when', 'partitionBy', 'outputState', 'foreachStream'];
      const single = ['when', 'partitionBy', 'outputState'];
      const from = (source, streams, categories, methods) => {
        used = true;
        def.source = source;
        def.streams = streams;
        def.categories = categories;
        return chain(methods);
      };

      const optionTypes = {
        $includelinks: 'boolean', reorderevents: 'boolean', processinglag: 'number', resultstreamname: 'string',
        bistate: 'boolean',
      };
      const definition = {
        fromAll: () => from('all', undefined, undefined, grouped),
        fromStream: (...args) => {
          const name = flat(args, 'fromStream');
          if (name.length > 1) throw new TypeError('fromStream takes one name: use fromStreams');
          return from('streams', name, undefined, single);
        },
        fromStreams: (...args) => from('streams', flat(args, 'fromStreams'), undefined, single),
        fromCategory: (...args) => from('categories', undefined, flat(args, 'fromCategory'), grouped),
        fromCategories: (...args) => from('categories', undefined, flat(args, 'fromCategories'), grouped),
        options: object => {
          used = true;
          if (typeof object !== 'object' || object === null) throw new TypeError('options takes an object');
          for (const key of ownKeys(object)) {
            const name = key.toLowerCase(), type = has(optionTypes, name) ? optionTypes[name] : undefined;
            if (type === undefined) fail('options has no ' + key);
            if (typeof object[key] !== type) throw new TypeError('options: ' + key + ' is a ' + type);
            if (name === 'bistate') def.biState = object[key];
            if (name === '$includelinks') def.includeLinks = object[key];
          }
        },
        on_event: (type, handler) => { used = def.hasWhen = true; register(RealString(type), handler); },
        on_any: handler => { used = def.hasWhen = true; register('$any', handler); },
      };

      // Functions that write in the server; here their events are collected.
      const blank = value => typeof value !== 'string' || value.trim() === '';
      const emitted = event => { if (!loading && job !== undefined) keep(job.emitted, stringify(event)); };
      const needObject = (value, what) => {
        if (typeof value !== 'object' || value === null) throw new TypeError(what + ' must be an object');
      };
      const runtime = {
        emit(streamId, eventType, body, metadata) {
          if (blank(streamId)) throw new TypeError('emit: streamId must be a text that is not blank');
          if (blank(eventType)) throw new TypeError('emit: eventType must be a text that is not blank');
          needObject(body, 'emit: body');
          if (metadata !== undefined) needObject(metadata, 'emit: metadata');
          emitted({ stream: streamId, type: eventType, data: body, metadata });
        },
        linkTo(streamId, event, metadata) {
          if (blank(streamId)) throw new TypeError('linkTo: streamId must be a text that is not blank');
          needObject(event, 'linkTo: event');
          if (typeof event.streamId !== 'string' || typeof event.sequenceNumber !== 'number')
            throw new TypeError('linkTo: the event needs a streamId and a sequenceNumber');
          if (metadata !== undefined) needObject(metadata, 'linkTo: metadata');
          emitted({ stream: streamId, type: '$>', data: event.sequenceNumber + '@' + event.streamId, metadata });
        },
        linkStreamTo(streamId, linkedStreamId, metadata) {
          if (blank(streamId) || blank(linkedStreamId)) throw new TypeError('linkStreamTo takes two stream names');
          emitted({ stream: streamId, type: '$@', data: linkedStreamId, metadata });
        },
        copyTo() {},
        log(...args) {
          if (loading || job === undefined) return;
          const isObject = value => typeof value === 'object' && value !== null;
          if (args.length === 1) {
            keep(job.logs, stringify(isObject(args[0]) ? stringify(args[0]) : RealString(args[0])));
            return;
          }
          // The server's oddity: primitives one by one, objects joined at the end.
          const objects = [];
          for (const value of args)
            if (isObject(value)) objects[objects.length] = stringify(value);
            else keep(job.logs, stringify(RealString(value)));
          if (objects.length > 0) keep(job.logs, stringify(join(objects, ' ,')));
        },
      };
      for (const name of ownKeys(definition)) fix(global, name, definition[name]);
      for (const name of ownKeys(runtime)) fix(global, name, runtime[name]);

      // `2025-09-03T11:02:14.2010000Z`, .NET's round-trip form.
      const created = time => {
        if (time === undefined) return undefined;
        const dot = indexOf(time, '.'), end = time.length - 1;
        const digits = dot < 0 ? '' : substring(time, dot + 1, end);
        return substring(time, 0, dot < 0 ? end : dot) + '.' + substring(digits + '0000000', 0, 7) + 'Z';
      };
      const categoryOf = stream => { const dash = indexOf(stream, '-'); return dash < 0 ? '' : substring(stream, 0, dash); };
      const eventOf = (i, partition) => {
        const o = i * W, stream = named(o + AGGREGATE), isJson = (ints[o + FLAGS] & DATA_JSON) !== 0;
        const body = cached(i, () => isJson ? dataOf(i) : undefined);
        const raw = isJson ? piece(o + DATA) : ints[o + DATA] < 0 ? null : RealString(dataOf(i));
        const metadata = cached(i, () => ints[o + FLAGS] & META_JSON ? metaOf(i) : null);
        const number = numeric(piece(o + VERSION) ?? piece(o + POSITION));
        return {
          get body() { return body(); }, get data() { return body(); },
          get metadata() { return metadata(); }, get linkMetadata() { return null; },
          get isJson() { return isJson; }, get bodyRaw() { return raw; },
          get metadataRaw() { return piece(o + META) ?? ''; }, get linkMetadataRaw() { return ''; },
          get partition() { return partition; }, get category() { return categoryOf(stream); },
          get streamId() { return stream; }, get sequenceNumber() { return typeof number === 'number' ? number : i; },
          get eventType() { return named(o + TYPE) ?? ''; },
          get eventId() { return (piece(o + ID) ?? '').toLowerCase(); },
          get created() { return created(piece(o + TIME)); },
        };
      };

      // A whole stream's deletion: a tombstone, or metadata that truncates before the end of time.
      const deletedStream = i => {
        const o = i * W, type = named(o + TYPE), stream = named(o + AGGREGATE);
        if (type === '$streamDeleted') return stream;
        if (ints[o + FLAGS] & TOMBSTONE) return stream;
        if (type !== '$metadata' || indexOf(stream, '$$') !== 0 || !(ints[o + FLAGS] & DATA_JSON)) return undefined;
        // 2^63 - 1, as a double reads it.
        return dataOf(i)?.$tb >= 9223372036854775807 ? substring(stream, 2) : undefined;
      };
      let partitions = [];
      const partitionAt = i => {
        if (def.foreach) return deletedStream(i) ?? named(i * W + AGGREGATE);
        if (def.partitionBy === undefined) return '';
        if (partitions[i] !== undefined) return partitions[i];
        if (!delivers(i)) return null;
        const key = def.partitionBy(eventOf(i, ''));
        return partitions[i] = typeof key === 'string' || typeof key === 'number' ? RealString(key) : null;
      };
      const delivers = i => {
        const o = i * W, type = named(o + TYPE) ?? '';
        if (!(ints[o + FLAGS] & DATA_JSON)) return false;
        if (type === '$>' && !def.includeLinks) return false;
        return def.allEvents || mapHas(def.handlers, type);
      };
      // Everything that is one state goes by the name of what it is read from.
      const wholeName = () => def.source === 'all' ? '$all'
        : def.source === 'streams' ? join(def.streams, ',') : join(def.categories.map(name => '$ce-' + name), ',');

      let shared, sharedBegun = false;
      const fresh = () => def.init === undefined ? {} : refuseAsync(def.init());
      const begin = slot => {
        // A null state is stored as nothing, and begins anew.
        if (!slot.begun || slot.state === null) { slot.state = fresh(); slot.begun = true; }
      };
      const settleShared = () => {
        if (!sharedBegun) { shared = def.initShared === undefined ? {} : def.initShared(); sharedBegun = true; }
      };
      const take = (slot, result) => {
        if (!def.biState) { slot.state = result; return; }
        if (!isArray(result)) throw new TypeError('with biState a handler returns [state, sharedState]');
        slot.state = result[0];
        shared = result[1];
      };
      const kurrentDialect = () => ({
        name: 'kurrent', bigAsText: true, lanes: undefined, invariantNames: [], invariants: [], notes: def.notes,
        asked: def.partitionBy !== undefined || def.deleted !== undefined,
        one: def.foreach || def.partitionBy !== undefined ? undefined : wholeName(),
        streams: def.streams, categories: def.categories,
        initial: fresh,
        staged() { partitions = []; },
        result: def.transforms.length === 0 ? undefined : state => {
          for (const transform of def.transforms) { if (state === null) return null; state = transform(state); }
          return state;
        },
        keyOf(i) {
          const source = def.foreach ? partitionAt(i) : named(i * W + AGGREGATE);
          return selects(source) ? partitionAt(i) : null;
        },
        apply(slot, i) {
          const o = i * W;
          if (def.foreach && def.deleted !== undefined && deletedStream(i) !== undefined) {
            begin(slot);
            def.deleted(slot.state, null, partitionAt(i), false);
            return true;
          }
          if (!delivers(i)) return false;
          const partition = partitionAt(i);
          if (partition === null) return false;
          begin(slot);
          if (def.biState) settleShared();
          const event = eventOf(i, partition);
          const state = def.biState ? [slot.state, shared] : slot.state;
          if (!slot.created && (def.foreach || def.partitionBy !== undefined)) {
            slot.created = true;
            for (const handler of def.created) handler(state, event);
          }
          const handler = mapGet(def.handlers, named(o + TYPE) ?? '') ?? def.any;
          if (handler === undefined) {
            // No handler at all: the state is the event's body.
            slot.state = event.body;
            return true;
          }
          const result = refuseAsync(handler(state, event));
          if (result !== undefined) take(slot, result);
          else if (def.biState) take(slot, state);
          return true;
        },
      });
      const selects = aggregate => {
        if (def.source === 'all') return true;
        if (def.source === 'streams') return def.streams.includes(aggregate);
        return def.categories.includes(categoryOf(aggregate));
      };
      // `$ce-name` is the category's index stream: reading it is reading the category.
      const resolveIndexes = () => {
        if (def.source !== 'streams') return;
        const indexes = def.streams.filter(name => name.startsWith('$ce-'));
        if (indexes.length > 0 && indexes.length === def.streams.length)
          [def.source, def.categories, def.streams] = ['categories', indexes.map(name => substring(name, 4)), undefined];
      };
      return {
        end() {
          loading = false;
          for (const name of ownKeys(definition)) delete global[name];
          if (!used) return undefined;
          if (def.source === undefined) fail('the projection names no source: begin with fromAll(), fromStream() or fromCategory()');
          if (def.deleted !== undefined && !def.foreach) fail('$deleted needs foreachStream()');
          if (def.deleted !== undefined && def.biState) fail('$deleted does not go with biState');
          resolveIndexes();
          if (def.any === undefined && def.handlers.size === 0) def.allEvents = true;
          return kurrentDialect();
        },
      };
    })();
    """#
}
