/** JSON without white space and with sorted keys: equal values give equal texts, in whatever order they were written. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => sorted(each));
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // `fromEntries` defines its keys, so that one named `__proto__` is a key like any other.
  return Object.fromEntries(entries);
}
