import fs from 'node:fs';

/** Functions of `node:fs` that take a descriptor first, with and without a callback last. */
const SYNC = ['writeSync', 'writevSync', 'readSync', 'readvSync', 'closeSync', 'ftruncateSync'] as const;
const ASYNC = ['write', 'writev', 'read', 'readv', 'close', 'ftruncate'] as const;

type AnyFunction = (...parameters: unknown[]) => unknown;

/**
 * Refuses the author's code what it has no business with: reading, writing or closing the protocol's descriptor
 * gets EBADF, as if it were not open. It stops accidents (a loop that closes descriptors 3 to 255); code that wants
 * to break its own instance has other ways, and the platform trusts no frame.
 */
export function protectDescriptor(fd: number): void {
  const target = fs as unknown as Record<string, AnyFunction>;
  for (const name of SYNC) {
    const original = target[name]!;
    target[name] = named(name, (...parameters) => {
      if (parameters[0] === fd) throw badDescriptor(name.replace('Sync', ''));
      return Reflect.apply(original, fs, parameters);
    });
  }
  for (const name of ASYNC) {
    const original = target[name]!;
    const guarded = named(name, (...parameters) => {
      if (parameters[0] !== fd) return Reflect.apply(original, fs, parameters);
      const callback = parameters[parameters.length - 1];
      if (typeof callback !== 'function') throw badDescriptor(name);
      process.nextTick(callback as AnyFunction, badDescriptor(name));
      return undefined;
    });
    // `util.promisify` finds the version that resolves to an object under a symbol.
    for (const symbol of Object.getOwnPropertySymbols(original)) {
      Object.defineProperty(guarded, symbol, Object.getOwnPropertyDescriptor(original, symbol)!);
    }
    target[name] = guarded;
  }
}

function named(name: string, guarded: AnyFunction): AnyFunction {
  return Object.defineProperty(guarded, 'name', { value: name, configurable: true });
}

function badDescriptor(syscall: string): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`EBADF: bad file descriptor, ${syscall}`);
  error.errno = -9;
  error.code = 'EBADF';
  error.syscall = syscall;
  return error;
}
