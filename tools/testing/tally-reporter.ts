/** A reporter for node:test that prints one JSON line: what became of the tests of one file. */
export interface Tally {
  tests: number;
  suites: number;
  pass: number;
  fail: number;
  cancelled: number;
  skipped: number;
  todo: number;
}

export function emptyTally(): Tally {
  return { tests: 0, suites: 0, pass: 0, fail: 0, cancelled: 0, skipped: 0, todo: 0 };
}

interface ReporterEvent {
  readonly type: string;
  readonly data: { readonly message?: string };
}

/** node:test tells its totals in diagnostics such as `tests 12`. */
export default async function* tallyReporter(source: AsyncIterable<ReporterEvent>): AsyncGenerator<string> {
  const tally = emptyTally();
  for await (const { type, data } of source) {
    if (type !== 'test:diagnostic') continue;
    const [name = '', count] = (data.message ?? '').split(' ');
    if (name in tally) tally[name as keyof Tally] = Number(count);
  }
  yield `${JSON.stringify(tally)}\n`;
}
