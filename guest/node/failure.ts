import { inspect } from 'node:util';
import { FAILURE_MESSAGE_CHARS_MAX, FAILURE_STACK_CHARS_MAX } from './limits.ts';
import { mapStack } from './stack-mapping.ts';

/** A thrown value in words. */
export interface Thrown {
  readonly name: string;
  readonly message: string;
  /** Mapped to the sources, without the guest's own frames; causes follow. */
  readonly stack: string;
}

const CAUSES_MAX = 4;
const { prototype: stringMethods } = globalThis.String;
const { slice } = stringMethods;
const cut = (text: string, charsMax: number): string =>
  text.length <= charsMax ? text : Reflect.apply(slice, text, [0, charsMax]);

/** Describes whatever was thrown; never throws itself, even when the value's own getters do. */
export function describeThrown(thrown: unknown): Thrown {
  const name = cut(nameOf(thrown), 256);
  const message = cut(messageOf(thrown), FAILURE_MESSAGE_CHARS_MAX);
  let stack = stackOf(thrown, name, message);
  let cause = read(thrown, 'cause');
  for (let depth = 0; cause !== undefined && depth < CAUSES_MAX; depth += 1) {
    stack += `\nCaused by: ${stackOf(cause, nameOf(cause), messageOf(cause))}`;
    cause = read(cause, 'cause');
  }
  return { name, message, stack: cut(mapStack(stack), FAILURE_STACK_CHARS_MAX) };
}

function read(thrown: unknown, key: string): unknown {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  try {
    return (thrown as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

function nameOf(thrown: unknown): string {
  const own = read(thrown, 'name');
  if (typeof own === 'string' && own !== '') return own;
  const constructed = read(thrown, 'constructor');
  try {
    if (typeof constructed === 'function' && constructed.name !== '') return String(constructed.name);
  } catch {
    // A proxy may throw at anything.
  }
  return thrown === null ? 'null' : typeof thrown;
}

function messageOf(thrown: unknown): string {
  const own = read(thrown, 'message');
  if (typeof own === 'string') return own;
  if (typeof thrown === 'string') return thrown;
  try {
    return inspect(thrown, { depth: 2, breakLength: 120 });
  } catch {
    return 'A value that can not be described.';
  }
}

function stackOf(thrown: unknown, name: string, message: string): string {
  const stack = read(thrown, 'stack');
  return typeof stack === 'string' && stack !== '' ? stack : `${name}: ${message}`;
}
