/// Takes out of a bare JavaScript context what would make a fold depend on anything but its events: the
/// clock, chance, the machine's language, threads, when memory is collected. `eval` and the Function
/// constructor are switched off by the engine itself.
enum SandboxScript {
  static let text = #"""
    const { parse, stringify } = JSON;
    const { getPrototypeOf, keys: ownKeys, freeze, isFrozen, defineProperty, create } = Object;
    const { isArray } = Array;
    const { construct, apply: reflectApply } = Reflect;
    const bind = Function.prototype.call.bind(Function.prototype.bind, Function.prototype.call);
    const substring = bind(String.prototype.substring);
    const indexOf = bind(String.prototype.indexOf);
    const has = bind(Object.prototype.hasOwnProperty);
    const objectProto = Object.prototype;
    const RealMap = Map, RealSet = Set, RealPromise = Promise, RealRegExp = RegExp, RealString = String;
    const mapGet = bind(Map.prototype.get), mapSet = bind(Map.prototype.set), mapHas = bind(Map.prototype.has);
    const mapDelete = bind(Map.prototype.delete), mapClear = bind(Map.prototype.clear);
    const mapEach = bind(Map.prototype.forEach);
    const setAdd = bind(Set.prototype.add), setHas = bind(Set.prototype.has), setEach = bind(Set.prototype.forEach);
    const sortArray = bind(Array.prototype.sort), join = bind(Array.prototype.join);

    const noClock = 'a fold has no clock: take the time from the event';
    const RealDate = Date;
    const FoldDate = new Proxy(RealDate, {
      construct(target, args, newTarget) {
        if (args.length === 0) throw new Error(noClock);
        return construct(target, args, newTarget);
      },
      apply() { throw new Error(noClock); },
    });
    const fix = (object, name, value) =>
      defineProperty(object, name, { value, writable: true, enumerable: false, configurable: true });
    fix(RealDate.prototype, 'constructor', FoldDate);
    fix(RealDate, 'now', () => { throw new Error(noClock); });
    fix(global, 'Date', FoldDate);
    fix(Math, 'random', () => { throw new Error('a fold has no chance: the same events must give the same state'); });

    // The machine's language and its tables of collation must not show in a state.
    const noLocale = (prototype, from, to) => { fix(prototype, from, prototype[to]); };
    noLocale(String.prototype, 'toLocaleUpperCase', 'toUpperCase');
    noLocale(String.prototype, 'toLocaleLowerCase', 'toLowerCase');
    noLocale(Number.prototype, 'toLocaleString', 'toString');
    noLocale(BigInt.prototype, 'toLocaleString', 'toString');
    noLocale(Array.prototype, 'toLocaleString', 'toString');
    noLocale(RealDate.prototype, 'toLocaleString', 'toISOString');
    noLocale(RealDate.prototype, 'toLocaleDateString', 'toDateString');
    noLocale(RealDate.prototype, 'toLocaleTimeString', 'toTimeString');
    fix(String.prototype, 'localeCompare', function localeCompare(other) {
      const a = RealString(this), b = RealString(other);
      return a < b ? -1 : a > b ? 1 : 0;
    });
    for (const name of ['Intl', 'WeakRef', 'FinalizationRegistry', 'WebAssembly', 'Atomics', 'SharedArrayBuffer',
      'console', 'Temporal', 'ShadowRealm', 'gc', 'performance', 'setTimeout', 'setInterval', 'queueMicrotask'])
      delete global[name];
    const refuseModules = () => {
      throw new Error('a fold stands alone: bundle what it needs into one file (esbuild --bundle --format=cjs)');
    };
    fix(global, 'require', refuseModules);

    // Where and what an exception is: the first frame that lies in the fold's own file.
    let file = '';
    const describe = exception => {
      let message = 'an exception that cannot be described', line, column;
      try {
        if (typeof exception === 'object' && exception !== null && 'message' in exception) {
          const name = RealString(exception.name), text = RealString(exception.message);
          message = name === 'Error' || name === 'undefined' ? text : name + ': ' + text;
          const frame = frameOf(RealString(exception.stack ?? ''));
          if (frame) [line, column] = frame;
          else if (RealString(exception.sourceURL) === file) { line = exception.line; column = exception.column; }
        } else if (typeof exception === 'object' && exception !== null) {
          message = 'thrown: ' + stringify(exception);
        } else {
          message = 'thrown: ' + RealString(exception);
        }
      } catch {}
      return stringify({
        message: substring(message, 0, 2000),
        line: typeof line === 'number' ? line : undefined,
        column: typeof column === 'number' ? column : undefined,
      });
    };
    const frameOf = stack => {
      const mark = '@' + file + ':';
      let at = indexOf(stack, mark);
      if (at < 0) { at = indexOf(stack, file + ':') === 0 ? -1 : -2; }
      if (at === -2) return undefined;
      const place = substring(stack, at < 0 ? file.length + 1 : at + mark.length);
      const line = parseInt(place, 10), colon = indexOf(place, ':');
      return line > 0 ? [line, colon > 0 ? parseInt(substring(place, colon + 1), 10) : undefined] : undefined;
    };
    """#
}
