import Type from 'typebox';
import { invalidParameter } from '../aws-error.ts';

/** Members of the input of every operation that lists. */
export const PAGE_MEMBERS = {
  Marker: Type.Optional(Type.String({ maxLength: 2_048 })),
  MaxItems: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
};
export const PAGE_QUERY = ['Marker', 'MaxItems'] as const;

interface Page<T> {
  readonly items: readonly T[];
  /** Absent: these are the last. */
  readonly next: { readonly NextMarker?: string };
}

interface PageRequest {
  readonly Marker?: string;
  readonly MaxItems?: number;
}

const ITEMS_MAX = 50;

/**
 * A part of a list that is sorted by `keyOf`, after the marker: the key of the last item that was shown, so that a page stays right when
 * something is added or removed meanwhile. `itemsMax` is what AWS shows at most.
 * @throws AwsError InvalidParameterValueException when the marker is none of ours
 */
export function pageOf<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  { Marker, MaxItems }: PageRequest,
  itemsMax = ITEMS_MAX,
): Page<T> {
  const after = Marker === undefined ? null : readMarker(Marker);
  const start = after === null ? 0 : all.findIndex((item) => keyOf(item) > after);
  if (start === -1) return { items: [], next: {} };
  const end = start + Math.min(MaxItems ?? itemsMax, itemsMax);
  const items = all.slice(start, end);
  const last = items.at(-1);
  if (end >= all.length || last === undefined) return { items, next: {} };
  return { items, next: { NextMarker: Buffer.from(`1:${keyOf(last)}`).toString('base64url') } };
}

function readMarker(marker: string): string {
  const text = Buffer.from(marker, 'base64url').toString();
  if (text.startsWith('1:')) return text.slice(2);
  throw invalidParameter('Invalid Marker');
}
