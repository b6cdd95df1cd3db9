import querystring from 'node:querystring';
import { nestedForm } from './express/nested-form.ts';

const { parse } = querystring;
/** A bracket in a name, as it is or escaped. */
const STRUCTURE = /\[|%5b/i;

/** Values of a query or form: several of one name are a list. */
export type QueryRecord = Record<string, string | string[]>;

/** Path, as it was sent, and query, with its `?` or empty, of an absolute URL. */
export function splitTarget(url: string): { readonly path: string; readonly search: string } {
  const from = url.indexOf('/', url.indexOf('//') + 2);
  const query = url.indexOf('?', from);
  return query < 0
    ? { path: url.slice(from), search: '' }
    : { path: url.slice(from, query), search: url.slice(query) };
}

/** Decodes `?a=1&b=2&b=3`. Broken escapes stay as they are. */
export function queryRecord(search: string): QueryRecord {
  return search.length < 2 ? {} : formRecord(search.slice(1));
}

/** Decodes a form, `a=1&b=2&b=3`. */
export function formRecord(text: string): QueryRecord {
  return { ...(parse(text) as QueryRecord) };
}

/** Decodes a query or form whose names have structure: `a[b]=1`, `list[]=x`. */
export function nestedRecord(text: string): Record<string, unknown> {
  return STRUCTURE.test(text) ? nestedForm(parse(text)) : formRecord(text);
}

/** One value a name, the last of several. */
export function lastValues(values: QueryRecord): Record<string, string> {
  const last = { ...values };
  for (const name of Object.keys(last)) {
    const value = last[name];
    if (Array.isArray(value)) last[name] = value[value.length - 1]!;
  }
  return last as Record<string, string>;
}
