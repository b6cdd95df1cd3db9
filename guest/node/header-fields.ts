/** Fields that Node's `http` takes once; further ones of the name are dropped. */
const SINGULAR: Readonly<Record<string, true>> = Object.assign(Object.create(null), {
  age: true,
  authorization: true,
  'content-length': true,
  'content-type': true,
  etag: true,
  expires: true,
  from: true,
  host: true,
  'if-modified-since': true,
  'if-unmodified-since': true,
  'last-modified': true,
  location: true,
  'max-forwards': true,
  'proxy-authorization': true,
  referer: true,
  'retry-after': true,
  server: true,
  'user-agent': true,
});

/** `IncomingMessage.headers`. */
export type HeaderRecord = Record<string, string | string[]>;

/** Flat `[name, value …]` as Node's `http` gives headers: lower-case names, repeated ones joined, `set-cookie` a list. */
export function headerRecord(headers: readonly string[]): HeaderRecord {
  const record: HeaderRecord = {};
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!.toLowerCase();
    const value = headers[at + 1]!;
    const before = Object.hasOwn(record, name) ? record[name]! : undefined;
    if (name === 'set-cookie') {
      if (before === undefined) record[name] = [value];
      else (before as string[])[before.length] = value;
    } else if (before === undefined) {
      record[name] = value;
    } else if (!(name in SINGULAR)) {
      record[name] = `${before as string}${name === 'cookie' ? '; ' : ', '}${value}`;
    }
  }
  return record;
}

/** The value of a header in a flat list, the first of several; undefined when there is none. `name` in lower case. */
export function headerIn(headers: readonly string[], name: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]!.toLowerCase() === name) return headers[at + 1];
  }
  return undefined;
}

/** A record of headers, as authors write them, as a flat list: a list of values repeats its header, nothing leaves it out. */
export function headerList(record: unknown): string[] {
  const list: string[] = [];
  if (typeof record !== 'object' || record === null) return list;
  for (const name of Object.keys(record)) {
    const value = (record as Record<string, unknown>)[name];
    const values = Array.isArray(value) ? (value as unknown[]) : [value];
    for (let at = 0; at < values.length; at += 1) {
      if (values[at] === undefined || values[at] === null) continue;
      list[list.length] = name;
      list[list.length] = String(values[at]);
    }
  }
  return list;
}

/** Adds a header unless there is one of this name, which is in lower case. */
export function addDefaultHeader(list: string[], name: string, value: string): void {
  if (headerIn(list, name) !== undefined) return;
  list[list.length] = name;
  list[list.length] = value;
}
