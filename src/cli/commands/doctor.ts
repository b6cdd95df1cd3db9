import type { Command } from 'commander';
import { MayflyError } from '../../domain/errors.ts';
import type { MachineFact } from '../node-host.ts';
import { type OutputOptions, withOutput } from '../options.ts';
import type { Paint } from '../paint.ts';
import { sandboxPossible } from '../possible-isolation.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';
import { renderTable } from '../table.ts';

const COLUMNS = ['check', 'state', 'found'].map((title) => ({ title }));

/** `mayfly doctor`: which isolation this machine allows, and the commands that would improve it. */
export function registerDoctor(program: Command, shell: Shell): void {
  const command = program
    .command('doctor')
    .summary('show which isolation this machine allows, which Python it has, and how to improve it');
  withOutput(command).action(async (options: OutputOptions) => {
    const printer = new Printer(shell, options);
    const checks = await shell.host.examineMachine();
    const possible = sandboxPossible(checks, process.getuid?.() === 0);
    printer.document({ sandboxPossible: possible, checks }, () => textOf(checks, printer.paint));
    if (!possible) throw new MayflyError('SANDBOX_FAILED', 'Functions cannot be sandboxed on this machine.');
  });
}

function textOf(checks: readonly MachineFact[], paint: Paint): string {
  const table = renderTable(
    COLUMNS,
    checks.map(({ check, ok, detail }) => [
      check,
      ok ? paint('green', 'ok') : paint('red', 'lacking'),
      detail,
    ]),
  );
  const fixes = checks.filter((fact) => fact.fix !== null);
  if (fixes.length === 0) return table;
  return [table, '', 'To improve it:', ...fixes.map(({ check, fix }) => `  ${check}: ${fix}`)].join('\n');
}
