/** A function of a Python file with the decorators above it. */
export interface DecoratedFunction {
  readonly name: string;
  /** Of its `def`, from 1. */
  readonly line: number;
  readonly decorators: readonly Decorator[];
}

export interface Decorator {
  /** `app.route`, `functions_framework.http`. */
  readonly path: string;
  /** Arguments: by their names, and by their positions ("0"); texts, lists of texts, and names such as `Level.ANONYMOUS`. */
  readonly options: Readonly<Record<string, string | readonly string[]>>;
}

/** Reads decorated functions at the top level of a Python file, without running it; values that are computed are left out. */
export function readDecorated(text: string): DecoratedFunction[] {
  const found: DecoratedFunction[] = [];
  let decorators: Decorator[] = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const head = /^@([\w.]+)\s*(\(?)/.exec(line);
    const definition = /^(?:async\s+)?def\s+(\w+)/.exec(line);
    if (head !== null) {
      const { inside, last } =
        head[2] === '(' ? argumentsFrom(lines, index, head[0].length) : { inside: '', last: index };
      decorators.push({ path: head[1] ?? '', options: readArguments(inside) });
      index = last;
    } else if (definition !== null) {
      if (decorators.length > 0) found.push({ name: definition[1] ?? '', line: index + 1, decorators });
      decorators = [];
    } else if (line.trim() !== '' && !line.trimStart().startsWith('#')) decorators = [];
  }
  return found;
}

/** The text between a parenthesis and its partner, perhaps some lines later. */
function argumentsFrom(
  lines: readonly string[],
  first: number,
  start: number,
): { inside: string; last: number } {
  let depth = 1;
  let inside = '';
  for (let index = first; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    for (let at = index === first ? start : 0; at < line.length; at += 1) {
      const char = line[at] as string;
      if (char === '"' || char === "'") {
        const end = line.indexOf(char, at + 1);
        inside += line.slice(at, end === -1 ? undefined : end + 1);
        at = end === -1 ? line.length : end;
        continue;
      }
      if (char === '#') break;
      if (char === '(' || char === '[') depth += 1;
      if (char === ')' || char === ']') depth -= 1;
      if (depth === 0) return { inside, last: index };
      inside += char;
    }
    inside += ' ';
  }
  return { inside, last: lines.length };
}

const ARGUMENT = /(?:(\w+)\s*=\s*)?(\[[^\]]*\]|"[^"]*"|'[^']*'|[\w.]+)\s*(?:,|$)/g;

function readArguments(inside: string): Record<string, string | readonly string[]> {
  const options: Record<string, string | readonly string[]> = {};
  let position = 0;
  for (const [, name, value = ''] of inside.trim().matchAll(ARGUMENT)) {
    const key = name ?? String(position);
    position += 1;
    options[key] = value.startsWith('[')
      ? [...value.matchAll(/"([^"]*)"|'([^']*)'|([A-Za-z_][\w.]*)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '')
      : value.replace(/^["']|["']$/g, '');
  }
  return options;
}
