const KEY = /\s*(?:([A-Za-z_$][\w$]*)|("(?:[^"\\]|\\.)*"))\s*(:?)/y;
const NUMBER = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/iy;
const WORD = /(?:true|false|null|!0|!1)(?![\w$])/y;
const WORDS: Readonly<Record<string, boolean | null>> = {
  '!0': true,
  '!1': false,
  false: false,
  null: null,
  true: true,
};

interface Read {
  /** Undefined: an expression that only running it could tell. */
  readonly value: unknown;
  readonly end: number;
}

/**
 * The value of the object literal that begins at `start`, from esbuild's print of a source: members that are written out
 * (texts, numbers, lists, objects of these); others are left out. Null when none begins there.
 */
export function readObjectLiteral(text: string, start: number): Readonly<Record<string, unknown>> | null {
  return text[start] === '{' ? (readObject(text, start).value as Record<string, unknown>) : null;
}

/** The names of the members of the object literal that begins at `start`, written out or not; what is spread has none. */
export function readMemberNames(text: string, start: number): string[] {
  const names: string[] = [];
  if (text[start] !== '{') return names;
  let at = skipSpace(text, start + 1);
  while (at < text.length && text[at] !== '}') {
    const key = match(KEY, text, at);
    if (key !== null) names.push(key[1] ?? (JSON.parse(key[2]!) as string));
    at = skipSpace(text, skipExpression(text, at));
    if (text[at] !== ',') break;
    at = skipSpace(text, at + 1);
  }
  return names;
}

function readValue(text: string, start: number): Read {
  const at = skipSpace(text, start);
  const literal =
    text[at] === '{' ? readObject(text, at) : text[at] === '[' ? readList(text, at) : readScalar(text, at);
  if (literal !== null && /[,\]})]/.test(text[skipSpace(text, literal.end)] ?? '')) return literal;
  return { value: undefined, end: skipExpression(text, at) };
}

function readScalar(text: string, at: number): Read | null {
  if (text[at] === '"') {
    const end = endOfText(text, at) + 1;
    try {
      return { value: JSON.parse(text.slice(at, end)), end };
    } catch {
      return null;
    }
  }
  const number = match(NUMBER, text, at);
  if (number !== null) return { value: Number(number[0]), end: at + number[0].length };
  const word = match(WORD, text, at);
  return word === null ? null : { value: WORDS[word[0]], end: at + word[0].length };
}

function readList(text: string, start: number): Read {
  const value: unknown[] = [];
  let at = skipSpace(text, start + 1);
  while (at < text.length && text[at] !== ']') {
    const item = readValue(text, at);
    value.push(item.value);
    at = skipSpace(text, item.end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
    else if (text[at] !== ']') break;
  }
  return { value, end: at + 1 };
}

function readObject(text: string, start: number): Read {
  const members: [string, unknown][] = [];
  let at = skipSpace(text, start + 1);
  while (at < text.length && text[at] !== '}') {
    const key = match(KEY, text, at);
    if (key?.[3] === ':') {
      const member = readValue(text, at + key[0].length);
      if (member.value !== undefined) members.push([key[1] ?? (JSON.parse(key[2]!) as string), member.value]);
      at = skipSpace(text, member.end);
    } else {
      // Shorthand, a method, something spread: not written out here.
      at = skipSpace(text, skipExpression(text, at));
    }
    if (text[at] === ',') at = skipSpace(text, at + 1);
    else if (text[at] !== '}') break;
  }
  return { value: Object.fromEntries(members), end: at + 1 };
}

/** The place of the comma or bracket that ends an expression. */
function skipExpression(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const char = text[at]!;
    if (depth === 0 && ',]})'.includes(char)) return at;
    if (char === '"' || char === "'" || char === '`') at = endOfText(text, at);
    else if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char)) depth -= 1;
  }
  return text.length;
}

function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== text[start]) at += text[at] === '\\' ? 2 : 1;
  return at;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (/\s/.test(text[at] ?? '')) at += 1;
  return at;
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
