import type { Command } from 'commander';
import { MayflyError } from '../../domain/errors.ts';
import type { MachineCheck } from '../node-host.ts';
import { type OutputOptions, withOutput } from '../options.ts';
import type { Paint } from '../paint.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';
import { renderTable } from '../table.ts';

const STATE_STYLE = { ok: 'green', degraded: 'yellow', missing: 'red' } as const;
const COLUMNS = ['check', 'state', 'found'].map((title) => ({ title }));

/** `mayfly doctor`: which isolation this machine allows, and the commands that would improve it. */
export function registerDoctor(program: Command, shell: Shell): void {
  const command = program
    .command('doctor')
    .summary('show which isolation this machine allows, and how to improve it');
  withOutput(command).action(async (options: OutputOptions) => {
    const printer = new Printer(shell, options);
    const report = await shell.host.examineMachine();
    printer.document(report, () => textOf(report.checks, printer.paint));
    if (!report.sandboxPossible) {
      throw new MayflyError('SANDBOX_FAILED', 'Functions cannot be sandboxed on this machine.');
    }
  });
}

function textOf(checks: readonly MachineCheck[], paint: Paint): string {
  const table = renderTable(
    COLUMNS,
    checks.map((check) => [check.name, paint(STATE_STYLE[check.state], check.state), check.detail]),
  );
  const fixes = checks.filter((check) => check.fix !== null && check.state !== 'ok');
  if (fixes.length === 0) return table;
  return [table, '', 'To improve it:', ...fixes.map((check) => `  ${check.name}: ${check.fix}`)].join('\n');
}
