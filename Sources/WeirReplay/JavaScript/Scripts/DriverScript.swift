/// The part of the driver that every dialect shares: events out of columns, states in slots, exact copies,
/// folding with a way back where a handler throws, and the report.
enum DriverScript {
  static let text = #"""
    // Columns of an event, in step with EventColumns.swift.
    const W = 24, STREAM = 0, AGGREGATE = 1, KEY = 2, PARTITION = 3, TYPE = 4, FLAGS = 5, POSITION = 6,
      VERSION = 8, ID = 10, TIME = 12, HEADERS = 14, META = 16, DATA = 18, INEXACT = 20;
    const DATA_JSON = 1, DATA_NULL = 2, DATA_ABSENT = 4, META_JSON = 8, PARTITION_NAME = 16,
      TOMBSTONE = 32, HAS_INEXACT = 64;
    const batch = (ints.length / (W + 1)) | 0, slotsAt = batch * W;
    let text = '', names = [], staged = 0;
    const piece = o => { const s = ints[o]; return s < 0 ? undefined : substring(text, s, ints[o + 1]); };
    const named = o => { const n = ints[o]; return n < 0 ? undefined : names[n]; };
    const partitionOf = i => {
      const value = ints[i * W + PARTITION], flags = ints[i * W + FLAGS];
      return flags & PARTITION_NAME ? names[value] : value < 0 ? undefined : value;
    };

    // Payloads. A column that is not JSON holds the payload's value as JSON text all the same.
    let touched;
    const dataOf = i => {
      const o = i * W;
      if (ints[o + DATA] < 0) return ints[o + FLAGS] & DATA_NULL ? null : undefined;
      const value = parse(substring(text, ints[o + DATA], ints[o + DATA + 1]));
      return ints[o + FLAGS] & HAS_INEXACT ? noted(i, value, 'data') : value;
    };
    const metaOf = i => {
      const o = i * W;
      if (ints[o + META] < 0) return undefined;
      const value = parse(substring(text, ints[o + META], ints[o + META + 1]));
      return ints[o + FLAGS] & HAS_INEXACT ? noted(i, value, 'meta') : value;
    };
    // Numbers that a double cannot hold are told apart when the batch is made: [root, top member, path]. A
    // path counts as read when its top member is, or when the payload was taken and no member looked at.
    const noted = (i, value, root) => {
      const list = parse(piece(i * W + INEXACT)).filter(entry => entry[0] === root);
      if (list.length === 0) return value;
      touched ??= [];
      const reading = { list, some: false, read: new RealSet() };
      touched[touched.length] = reading;
      if (typeof value !== 'object' || value === null || isArray(value)) return value;
      for (const name of ownKeys(value)) {
        let content = value[name];
        defineProperty(value, name, {
          enumerable: true, configurable: true,
          get() { reading.some = true; setAdd(reading.read, name); return content; },
          set(next) { content = next; },
        });
      }
      return value;
    };
    const settle = slot => {
      for (const reading of touched)
        for (const [, member, path] of reading.list)
          if (!reading.some || setHas(reading.read, member)) setAdd(slot.inexact ??= new RealSet(), path);
      touched = undefined;
    };

    // Exact copies: shared parts stay shared, dates, maps and sets stay what they are. Functions are shared.
    let weight = 0;
    const cloneRoot = value => {
      weight += 16;
      if (typeof value !== 'object' || value === null) return value;
      return cloneInto(value, new RealMap());
    };
    const cloneInto = (value, seen) => {
      const known = mapGet(seen, value);
      if (known !== undefined) return known;
      let copy;
      if (isArray(value)) {
        const length = value.length;
        copy = new Array(length);
        mapSet(seen, value, copy);
        weight += 32 + 8 * length;
        for (let i = 0; i < length; i++) copy[i] = cloneValue(value[i], seen);
      } else {
        const prototype = getPrototypeOf(value);
        copy = prototype === objectProto ? {} : special(value, prototype, seen);
        mapSet(seen, value, copy);
        const names = ownKeys(value);
        weight += 32 + 16 * names.length;
        for (let i = 0; i < names.length; i++) {
          const name = names[i];
          if (name === '__proto__')
            defineProperty(copy, name, {
              value: cloneValue(value[name], seen), writable: true, enumerable: true, configurable: true });
          else copy[name] = cloneValue(value[name], seen);
        }
      }
      return isFrozen(value) ? freeze(copy) : copy;
    };
    const cloneValue = (value, seen) => {
      if (typeof value === 'string') weight += value.length;
      return typeof value === 'object' && value !== null ? cloneInto(value, seen) : value;
    };
    const special = (value, prototype, seen) => {
      if (prototype === RealDate.prototype) return new RealDate(+value);
      if (prototype === RealMap.prototype) {
        const copy = new RealMap();
        mapSet(seen, value, copy);
        mapEach(value, (v, k) => mapSet(copy, cloneValue(k, seen), cloneValue(v, seen)));
        return copy;
      }
      if (prototype === RealSet.prototype) {
        const copy = new RealSet();
        mapSet(seen, value, copy);
        setEach(value, v => setAdd(copy, cloneValue(v, seen)));
        return copy;
      }
      if (prototype === RealRegExp.prototype) return new RealRegExp(value.source, value.flags);
      return create(prototype);
    };

    // JSON of a value; undefined where there is none. Integers of any size print as their digits.
    const textOf = value => {
      try { return stringify(value); } catch (error) {
        if (typeof error !== 'object' || error === null || indexOf(RealString(error.message), 'BigInt') < 0) throw error;
        return stringifyBig(value);
      }
    };
    const stringifyBig = value => {
      if (typeof value === 'bigint') return dialect.bigAsText ? '"' + value + '"' : RealString(value);
      if (typeof value !== 'object' || value === null) return stringify(value);
      if (typeof value.toJSON === 'function') return stringifyBig(value.toJSON());
      const parts = [];
      if (isArray(value)) {
        for (let i = 0; i < value.length; i++) parts[i] = stringifyBig(value[i]) ?? 'null';
        return '[' + join(parts, ',') + ']';
      }
      for (const name of ownKeys(value)) {
        const part = stringifyBig(value[name]);
        if (part !== undefined) parts[parts.length] = stringify(name) + ':' + part;
      }
      return '{' + join(parts, ',') + '}';
    };

    // Slots. `state` belongs to the dialect; `begun` false: no event has reached it.
    let dialect;
    const slots = new RealMap();
    const slotOf = number => {
      let slot = mapGet(slots, number);
      if (slot === undefined) {
        slot = { state: undefined, begun: false, created: false, inexact: undefined, broken: 0, base: undefined, journal: undefined };
        mapSet(slots, number, slot);
      }
      return slot;
    };
    const copyOf = slot => ({
      state: cloneRoot(slot.state), begun: slot.begun, created: slot.created,
      inexact: slot.inexact === undefined ? undefined : new RealSet(slot.inexact), broken: slot.broken,
      base: undefined, journal: undefined,
    });
    const restore = (slot, from) => {
      const copy = copyOf(from);
      slot.state = copy.state; slot.begun = copy.begun; slot.created = copy.created;
      slot.inexact = copy.inexact; slot.broken = copy.broken;
    };

    // One call of `fold`, kept outside of the function so that it can go on after a stop.
    let job;
    const addFailure = (i, description) => { job.failures[job.failures.length] = '[' + i + ',' + description + ']'; };
    const refuseAsync = result => {
      if (result instanceof RealPromise) throw new Error('the handler returned a promise: folds are synchronous');
      return result;
    };
    const check = (slot, i) => {
      let broken = 0;
      for (let k = 0; k < dialect.invariants.length; k++) {
        let holds = false;
        try { holds = !!dialect.invariants[k](slot.state); } catch {}
        if (!holds) broken |= 1 << k;
      }
      const turned = broken ^ slot.broken;
      if (turned !== 0 && job.reporting)
        for (let k = 0; k < dialect.invariants.length; k++)
          if (turned & (1 << k)) job.turns[job.turns.length] = '[' + i + ',' + k + ',' + !(broken & (1 << k)) + ']';
      slot.broken = broken;
    };
    const one = (slot, i) => {
      if (dialect.apply(slot, i)) {
        if (dialect.invariants.length > 0) check(slot, i);
      }
      if (touched !== undefined) settle(slot);
    };
    // Back to the slot's last copy, and forward again over what went well.
    const rewind = slot => {
      touched = undefined;
      if (slot.base === undefined) return;
      const journal = slot.journal, reporting = job.reporting;
      restore(slot, slot.base);
      job.reporting = false;
      for (let k = 0; k < journal.length; k++) {
        // Moves, so that the time limit is one event's.
        progress[0] = -2 - k;
        try { one(slot, journal[k]); } catch {}
      }
      job.reporting = reporting;
      slot.base = copyOf(slot);
      slot.journal = [];
    };
    const look = (slot, i) => {
      for (let k = 0; k < job.watches.length; k++) {
        const watch = job.watches[k];
        let value = slot.begun ? slot.state : dialect.initial();
        for (let n = 0; n < watch.steps.length && value !== undefined; n++) {
          const step = watch.steps[n];
          value = typeof value === 'object' && value !== null && has(value, step) ? value[step] : undefined;
        }
        if (typeof value !== 'object' && value === watch.value && watch.seen) continue;
        let found = textOf(value);
        if (found === undefined && watch.steps.length === 0) found = 'null';
        watch.value = value;
        if (watch.seen && found === watch.text) continue;
        watch.seen = true;
        watch.text = found;
        job.changes[job.changes.length] =
          '[' + i + ',' + k + (watch.wants && found !== undefined ? ',' + found : '') + ']';
      }
    };
    const run = () => {
      const { end, single } = job;
      while (job.at < end) {
        const i = job.at++;
        const number = single >= 0 ? single : ints[slotsAt + i];
        if (number < 0) continue;
        progress[0] = i;
        const slot = slotOf(number);
        try {
          if (slot.journal === undefined) {
            slot.base = copyOf(slot);
            slot.journal = [];
            job.touched[job.touched.length] = slot;
          }
          one(slot, i);
          slot.journal[slot.journal.length] = i;
        } catch (error) {
          addFailure(i, describe(error));
          rewind(slot);
        }
        if (job.watches.length > 0) look(slot, i);
      }
      for (let k = 0; k < job.touched.length; k++) { const s = job.touched[k]; s.base = undefined; s.journal = undefined; }
      progress[0] = -1;
      return finish();
    };
    const finish = () => {
      const report = '{"failures":[' + join(job.failures, ',') + '],"turns":[' + join(job.turns, ',') +
        '],"changes":[' + join(job.changes, ',') + '],"emitted":[' + join(job.emitted, ',') +
        '],"logs":[' + join(job.logs, ',') + ']}';
      job = undefined;
      return report;
    };
    const outputLimit = 1000;
    const keep = (list, text) => {
      if (job !== undefined && job.reporting && list.length < outputLimit) list[list.length] = '[' + (job.at - 1) + ',' + text + ']';
    };
    // All states of a call, each with what belongs to it.
    const stateText = slot => {
      const inexact = slot?.inexact === undefined ? [] : sortArray([...slot.inexact]);
      const begun = slot !== undefined && slot.begun;
      const state = begun ? slot.state : dialect.initial();
      let out = '{"state":' + (textOf(state) ?? 'null') + ',"inexact":' + stringify(inexact) +
        ',"broken":' + (slot?.broken ?? 0);
      if (dialect.result) out += ',"result":' + (textOf(dialect.result(state)) ?? 'null');
      return out + '}';
    };
    const stateOf = number => {
      try { return stateText(mapGet(slots, number)); } catch (error) { return '{"failure":' + describe(error) + '}'; }
    };

    const driver = {
      describe,
      stage(argument) {
        const end = indexOf(argument, '\n');
        const header = parse(substring(argument, 0, end));
        names = header.names;
        staged = header.count;
        text = substring(argument, end + 1);
        dialect.staged?.();
        return '';
      },
      keys() {
        const out = [];
        for (let i = 0; i < staged; i++) {
          progress[0] = i;
          let key;
          try { key = dialect.keyOf(i); } catch { key = undefined; }
          touched = undefined;
          out[i] = key === undefined || key === null ? null : RealString(key);
        }
        progress[0] = -1;
        return stringify(out);
      },
      fold(argument) {
        const request = parse(argument);
        job = {
          at: request.from, end: request.to, single: request.slot, reporting: true,
          watches: request.watches.map(([steps, wants]) => ({ steps, wants, seen: false, value: undefined, text: undefined })),
          failures: [], turns: [], changes: [], emitted: [], logs: [], touched: [],
        };
        if (job.watches.length > 0 && job.single >= 0) look(slotOf(job.single), -1);
        return run();
      },
      // After a stop: the event under way is the guilty one.
      resume(argument) {
        const i = job.at - 1;
        const slot = slotOf(job.single >= 0 ? job.single : ints[slotsAt + i]);
        addFailure(i, argument);
        rewind(slot);
        return run();
      },
      states(argument) {
        const list = parse(argument), out = [];
        for (let k = 0; k < list.length; k++) { progress[0] = -2 - k; out[k] = stateOf(list[k]); }
        progress[0] = -1;
        return '[' + join(out, ',') + ']';
      },
      copy(argument) {
        const [from, to] = parse(argument);
        weight = 0;
        const slot = mapGet(slots, from);
        if (slot === undefined) mapDelete(slots, to); else mapSet(slots, to, copyOf(slot));
        return RealString(weight);
      },
      drop(argument) {
        for (const number of parse(argument)) mapDelete(slots, number);
        return '';
      },
    };
    """#
}
