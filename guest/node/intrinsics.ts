/**
 * The built-ins that the guest works with, captured before any of the author's code runs.
 *
 * The bundler injects this file: every free `JSON`, `Buffer`, `Promise` … in the guest (and in the contract's
 * frames) means the captured one, so that code which replaces a global (a polyfill, a test double, a prank)
 * changes what the author sees and never what the guest does. Methods of built-in prototypes can't be captured
 * that way; the paths every call takes therefore use none of `Array.prototype` and `Promise.prototype` (`await`
 * does not look at `then` of a native promise), and no `Map`.
 */
const g = globalThis;

const { allocUnsafe } = g.Buffer;

/** That of Node 22 calls `Buffer.allocUnsafe` by its name, which the author may have replaced. */
function concat(parts: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (let index = 0; index < parts.length; index++) length += parts[index]!.length;
  const whole = allocUnsafe(length);
  for (let index = 0, at = 0; index < parts.length; at += parts[index]!.length, index++)
    whole.set(parts[index]!, at);
  return whole;
}

const json = { parse: g.JSON.parse, stringify: g.JSON.stringify } as const;
const buffer = {
  allocUnsafe,
  byteLength: g.Buffer.byteLength,
  concat,
  from: g.Buffer.from.bind(g.Buffer),
  isBuffer: g.Buffer.isBuffer,
} as const;
const object = {
  assign: g.Object.assign,
  create: g.Object.create,
  defineProperty: g.Object.defineProperty,
  entries: g.Object.entries,
  freeze: g.Object.freeze,
  fromEntries: g.Object.fromEntries,
  getPrototypeOf: g.Object.getPrototypeOf,
  getOwnPropertyDescriptor: g.Object.getOwnPropertyDescriptor,
  getOwnPropertySymbols: g.Object.getOwnPropertySymbols,
  hasOwn: g.Object.hasOwn,
  keys: g.Object.keys,
  prototype: g.Object.prototype,
} as const;
const array = { isArray: g.Array.isArray } as const;
const number = {
  isInteger: g.Number.isInteger,
  parseFloat: g.Number.parseFloat,
  parseInt: g.Number.parseInt,
} as const;
const math = { floor: g.Math.floor, max: g.Math.max, min: g.Math.min, round: g.Math.round } as const;
const date = { now: g.Date.now } as const;
const performanceClock = {
  now: g.performance.now.bind(g.performance),
  timeOrigin: g.performance.timeOrigin,
} as const;
const reflect = { apply: g.Reflect.apply } as const;
const {
  AbortController: abortController,
  ArrayBuffer: arrayBuffer,
  Error: error,
  Promise: promise,
  RangeError: rangeError,
  String: string,
  SyntaxError: syntaxError,
  Symbol: symbol,
  TypeError: typeError,
  URL: url,
  Uint8Array: uint8Array,
  clearImmediate: dropImmediate,
  process: ownProcess,
  setImmediate: immediate,
  setTimeout: timer,
} = g;

export {
  abortController as AbortController,
  array as Array,
  arrayBuffer as ArrayBuffer,
  buffer as Buffer,
  date as Date,
  dropImmediate as clearImmediate,
  error as Error,
  immediate as setImmediate,
  json as JSON,
  math as Math,
  number as Number,
  object as Object,
  ownProcess as process,
  performanceClock as performance,
  promise as Promise,
  rangeError as RangeError,
  reflect as Reflect,
  string as String,
  symbol as Symbol,
  syntaxError as SyntaxError,
  timer as setTimeout,
  typeError as TypeError,
  uint8Array as Uint8Array,
  url as URL,
};
