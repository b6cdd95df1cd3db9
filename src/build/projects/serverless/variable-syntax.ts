/** A text with variables in it: what stands between them, and they. */
export type VariableText = readonly (string | Variable)[];

/** `${opt:stage, self:provider.stage, 'dev'}` */
export interface Variable {
  /** As written. */
  readonly text: string;
  /** To be tried in order. */
  readonly sources: readonly Source[];
}

export type Source =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'variable'; readonly variable: Variable }
  /** `file(./x.yml):a.b`: type, what is in brackets, what stands behind the colon; null: nothing does. */
  | {
      readonly kind: 'source';
      readonly type: string;
      readonly argument: VariableText | null;
      readonly address: VariableText | null;
    };

/** How deep variables may stand in variables. */
const depthMax = 32;

/**
 * Reads the variables in a text. What looks like one but has no source (`${AWS::Region}`, `${Table}`) is CloudFormation's and
 * stays text. A variable that is not closed stays text too.
 */
export function readVariables(text: string): VariableText {
  const parts: (string | Variable)[] = [];
  let plain = '';
  for (let at = 0; at < text.length; ) {
    const found = text.startsWith('${', at) ? new Parser(text, at).variable(0) : null;
    if (found === null) {
      plain += text[at];
      at += 1;
      continue;
    }
    if (plain !== '') parts.push(plain);
    plain = '';
    parts.push(found.variable);
    at = found.end;
  }
  return plain === '' ? parts : [...parts, plain];
}

/** One variable at a place of a text; every method returns null when there is none. */
class Parser {
  readonly #text: string;
  #at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  variable(depth: number): { variable: Variable; end: number } | null {
    if (depth > depthMax) return null;
    const start = this.#at;
    this.#at += 2;
    const sources: Source[] = [];
    for (;;) {
      this.#blanks();
      const source = this.#source(depth, sources.length === 0);
      if (source === null) return null;
      sources.push(source);
      this.#blanks();
      const next = this.#text[this.#at];
      this.#at += 1;
      if (next === '}') {
        const text = this.#text.slice(start, this.#at);
        return { variable: { text, sources }, end: this.#at };
      }
      if (next !== ',') return null;
    }
  }

  #source(depth: number, first: boolean): Source | null {
    const quote = this.#text[this.#at];
    if (quote === '"' || quote === "'") {
      const end = this.#text.indexOf(quote, this.#at + 1);
      if (end < 0) return null;
      const value = this.#text.slice(this.#at + 1, end);
      this.#at = end + 1;
      return { kind: 'literal', value };
    }
    if (this.#text.startsWith('${', this.#at)) {
      const inner = this.variable(depth + 1);
      return inner === null ? null : { kind: 'variable', variable: inner.variable };
    }
    const [head, type = ''] =
      /^([A-Za-z]\w*)(?=\(|:(?!:))/.exec(this.#text.slice(this.#at, this.#at + 64)) ?? [];
    if (head === undefined) return first ? null : this.#literal();
    this.#at += type.length;
    let argument: VariableText | null = null;
    if (this.#text[this.#at] === '(') {
      this.#at += 1;
      argument = this.#until(')', depth);
      if (argument === null || this.#text[this.#at] !== ')') return null;
      this.#at += 1;
    }
    if (this.#text[this.#at] !== ':') return { kind: 'source', type, argument, address: null };
    this.#at += 1;
    const address = this.#until(',}', depth);
    return address === null ? null : { kind: 'source', type, argument, address };
  }

  #literal(): Source {
    const end = this.#text.slice(this.#at).search(/[,}]/);
    const text = this.#text.slice(this.#at, end < 0 ? undefined : this.#at + end).trim();
    this.#at = end < 0 ? this.#text.length : this.#at + end;
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' };
    if (text === 'null') return { kind: 'literal', value: null };
    return { kind: 'literal', value: text !== '' && Number.isFinite(Number(text)) ? Number(text) : text };
  }

  /** Text with variables up to one of these characters, which is left. */
  #until(ends: string, depth: number): VariableText | null {
    const parts: (string | Variable)[] = [];
    let plain = '';
    while (this.#at < this.#text.length && !ends.includes(this.#text[this.#at]!)) {
      if (this.#text.startsWith('${', this.#at)) {
        const inner = this.variable(depth + 1);
        if (inner === null) return null;
        parts.push(plain, inner.variable);
        plain = '';
      } else {
        plain += this.#text[this.#at];
        this.#at += 1;
      }
    }
    parts.push(plain.trimEnd());
    return parts.filter((part) => part !== '');
  }

  #blanks(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }
}
