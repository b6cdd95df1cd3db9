import { type Blame, ERROR_TABLE } from '../../src/domain/errors.ts';

const CHAPTERS: readonly { readonly blame: Blame; readonly title: string; readonly text: string }[] = [
  {
    blame: 'caller',
    title: 'The caller must act',
    text: 'The request, the configuration or the command line was wrong, or asked for more than a limit allows.',
  },
  {
    blame: 'function',
    title: 'The author of the function must act',
    text: 'The deployed code failed. The stack, mapped to its source, stands in the log and never in the answer.',
  },
  {
    blame: 'platform',
    title: 'The operator of the node must act',
    text: 'Mayfly or its machine could not do what it should.',
  },
];

/** docs/ERRORS.md as the error table has it. */
export function renderErrors(): string {
  const rows = Object.entries(ERROR_TABLE);
  const chapters = CHAPTERS.map(({ blame, title, text }) => {
    const lines = rows
      .filter(([, row]) => row.blame === blame)
      .map(
        ([code, row]) => `| \`${code}\` | ${row.status} | ${row.retryable ? 'yes' : 'no'} | ${row.hint} |`,
      );
    const table = ['| code | status | retry as it is | what to do |', '|---|---|---|---|', ...lines];
    return [`## ${title}`, '', text, '', ...table].join('\n');
  });
  return `${[
    '# Errors',
    'Every failure that Mayfly reports has a row in one table, `src/domain/errors.ts`; this page is generated from it.',
    'The control API answers `application/problem+json` with the code in `code`; the gateway answers JSON with the code and the request’s id; the CLI prints the message, then what to do, and exits non-zero.',
    ...chapters,
  ].join('\n\n')}\n`;
}
