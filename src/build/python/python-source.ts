import { type DecoratedFunction, readDecorated } from '../projects/python-decorators.ts';

/** What a Python file says by itself, without running it. */
export interface PythonSource {
  /** Functions, classes and variables at its top level, imported ones included. */
  readonly names: ReadonlySet<string>;
  /** Modules that it imports anywhere, whole: `azure.functions`. Relative ones are left out. */
  readonly modules: ReadonlySet<string>;
  /** Whether `names` is all there is; false with `from … import *` and where names are made by code. */
  readonly complete: boolean;
  /** Functions at its top level with the decorators above them. */
  readonly decorated: readonly DecoratedFunction[];
}

const NAME = '[A-Za-z_]\\w*';
const DEFINED = new RegExp(`^(?:async\\s+def|def|class)\\s+(${NAME})`);
const ASSIGNED = new RegExp(`^(${NAME}(?:\\s*,\\s*${NAME})*)\\s*(?::[^=]+)?=(?!=)`);
const IMPORT = /^\s*import\s+(.+)$/;
const FROM = new RegExp(`^\\s*from\\s+(\\.*(?:${NAME}(?:\\.${NAME})*)?)\\s+import\\s+(.+)$`);
const MADE_BY_CODE = /\b(globals\(\)|exec\(|setattr\(sys\.modules)/;

/** Reads the names and imports of a Python text; code below `if` and `try` at the top level counts as top level. */
export function readPythonSource(text: string): PythonSource {
  const names = new Set<string>();
  const modules = new Set<string>();
  const code = withoutTexts(text);
  let complete = !MADE_BY_CODE.test(code);
  /** Whether the lines that are indented now belong to a function or a class. */
  let inside = false;
  for (const line of logicalLines(code)) {
    const top = !/^\s/.test(line);
    if (top) inside = /^(async\s+def|def|class|@)/.test(line);
    const statement = line.trim();
    const from = FROM.exec(statement);
    const imported = from === null ? IMPORT.exec(statement) : null;
    const [, module = '', list = ''] = from ?? [];
    if (from !== null && !module.startsWith('.')) {
      modules.add(module);
      for (const name of importedNames(list)) modules.add(`${module}.${name.original}`);
    }
    for (const part of imported === null ? [] : importedNames(imported[1] ?? '')) modules.add(part.original);
    if (!top && inside) continue;
    if (from !== null && list.includes('*')) complete = false;
    const bound = from !== null ? importedNames(list) : importedNames(imported?.[1] ?? '');
    for (const { original, name } of bound) names.add(name ?? original.split('.')[0] ?? '');
    const defined = DEFINED.exec(statement)?.[1];
    if (defined !== undefined) names.add(defined);
    for (const name of ASSIGNED.exec(statement)?.[1]?.split(',') ?? []) names.add(name.trim());
  }
  return { names, modules, complete, decorated: readDecorated(text) };
}

/** `a.b as c, d` → what is imported, and under which name. */
function importedNames(list: string): { readonly original: string; readonly name: string | null }[] {
  return list
    .replace(/[()]/g, '')
    .split(',')
    .map((part) => part.trim().split(/\s+as\s+/))
    .filter(([original]) => original !== undefined && original !== '' && original !== '*')
    .map(([original = '', name]) => ({ original, name: name ?? null }));
}

/** The text with empty string literals and without comments, lines kept. */
function withoutTexts(text: string): string {
  const pattern = /("""|''')[\s\S]*?(?:\1|$)|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|#[^\n]*/g;
  return text.replace(pattern, (found) => (found.startsWith('#') ? '' : `""${found.replace(/[^\n]/g, '')}`));
}

/** Lines with those that go on in brackets or after a backslash joined. */
function logicalLines(code: string): string[] {
  const lines: string[] = [];
  let open = 0;
  let line = '';
  for (const physical of code.replace(/\\\r?\n/g, ' ').split(/\r?\n/)) {
    line = line === '' ? physical : `${line} ${physical.trim()}`;
    for (const char of physical) open += '([{'.includes(char) ? 1 : ')]}'.includes(char) ? -1 : 0;
    if (open > 0) continue;
    if (line.trim() !== '') lines.push(...split(line));
    line = '';
    open = 0;
  }
  return line.trim() === '' ? lines : [...lines, line];
}

/** Statements of one line: `a = 1; b = 2`. */
function split(line: string): string[] {
  const indent = /^\s*/.exec(line)?.[0] ?? '';
  return line.split(';').map((part) => indent + part.trim());
}
