import { formatDuration, parseDuration, parseSize } from '../kit/quantity.ts';
import { type KeyPath, sayPath } from './schema-mismatch.ts';

/** One setting as written, `undefined` when nobody wrote it, and where. */
export interface Setting {
  readonly value: unknown;
  readonly path: KeyPath;
}

type Fail = (path: KeyPath, message: string) => void;

/** A duration in ms between `least` and `most`. */
export function readDuration(
  setting: Setting,
  otherwise: number,
  least: number,
  most: number,
  fail: Fail,
): number {
  return readQuantity(setting, otherwise, [least, most], parseDuration, formatDuration, fail);
}

/** A size in MB between `least` and `most`. */
export function readSize(
  setting: Setting,
  otherwise: number,
  least: number,
  most: number,
  fail: Fail,
): number {
  return readQuantity(setting, otherwise, [least, most], parseSize, (mb) => `${mb}MB`, fail);
}

/** A number that the schema has already bounded. */
export function readCount(setting: Setting, otherwise: number): number {
  return typeof setting.value === 'number' ? setting.value : otherwise;
}

function readQuantity(
  { value, path }: Setting,
  otherwise: number,
  [least, most]: readonly [number, number],
  parse: (value: string | number) => number | null,
  format: (quantity: number) => string,
  fail: Fail,
): number {
  if (typeof value !== 'string' && typeof value !== 'number') return otherwise;
  const quantity = parse(value);
  if (quantity !== null && quantity >= least && quantity <= most) return quantity;
  fail(
    path,
    `${sayPath(path)} must be from ${format(least)} to ${format(most)}, not ${JSON.stringify(value)}`,
  );
  return otherwise;
}
