/** Told when the author's code is about to end the process; must not throw. */
export type EndListener = (how: string) => void;

const { abort, exit, kill, pid, reallyExit } = process as typeof process & {
  reallyExit(code?: number | string | null): never;
};

/** Ends the process at once, whatever the author's code has replaced and without its exit listeners. */
export function endProcess(code: number): never {
  return Reflect.apply(reallyExit, process, [code]) as never;
}

/** Ends the process as `process.exit` does: with the author's exit listeners. */
export function exitProcess(code: number): never {
  return Reflect.apply(exit, process, [code]) as never;
}

/**
 * Lets the platform know before the process ends by the author's own hand, so that running calls fail with a
 * reason instead of a closed socket.
 */
export function guardExits(ending: EndListener): void {
  // biome-ignore lint/suspicious/noExplicitAny: the real signatures end in `never` and differ in overloads.
  const target = process as any;
  target.exit = (code?: number | string | null) => {
    ending(`process.exit(${code === undefined || code === null ? '' : String(code)})`);
    return Reflect.apply(exit, process, [code]);
  };
  target.reallyExit = (code?: number) => {
    ending(`process.reallyExit(${code === undefined ? '' : String(code)})`);
    return Reflect.apply(reallyExit, process, [code]);
  };
  target.abort = () => {
    ending('process.abort()');
    return Reflect.apply(abort, process, []);
  };
  target.kill = (id: number, signal?: string | number) => {
    // 0 is the process's own group, -1 everybody: both include it. Signal 0 only asks.
    const self = id === pid || id === -pid || id === 0 || id === -1;
    if (self && signal !== 0)
      ending(`process.kill(process.pid${signal === undefined ? '' : `, '${signal}'`})`);
    return Reflect.apply(kill, process, [id, signal]);
  };
}
