/** What a signature covers of an HTTP request's head. Text is as it came on the wire. */
export interface SignedHead {
  readonly method: string;
  /** Path and query, `/a%20b?c=d`. */
  readonly target: string;
  /** Flat `[name, value …]`, repetition kept. */
  readonly headers: readonly string[];
}

/** All that a signature covers. */
export interface SignedRequest extends SignedHead {
  /** SHA-256 of the body, hex. */
  readonly bodySha256: string;
}

/** The values of a header, in the order in which they came; `name` in lower case. */
export function headerValues({ headers }: Pick<SignedHead, 'headers'>, name: string): string[] {
  const values: string[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if (headers[at]!.toLowerCase() === name) values.push(headers[at + 1]!);
  }
  return values;
}

export function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}

/** The decoded parameters of the query, in their order. What is no valid escape stays as it is. */
export function queryOf(target: string): [name: string, value: string][] {
  const at = target.indexOf('?');
  if (at === -1) return [];
  return target
    .slice(at + 1)
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      return equals === -1
        ? [decode(part), '']
        : [decode(part.slice(0, equals)), decode(part.slice(equals + 1))];
    });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
