import type { NodeFlags } from './node-host.ts';
import type { Printer } from './printer.ts';
import type { Shell } from './shell.ts';

/**
 * The isolation of a node for its own author: what was asked for, else a sandbox, else plain processes with a notice. An author's
 * own code on an author's own machine may run unsandboxed where nothing better is to be had, but not unsaid. (`mayfly up` never
 * chooses this by itself.)
 */
export async function possibleIsolation(shell: Shell, typed: NodeFlags, printer: Printer): Promise<string> {
  const asked = typed.isolation ?? shell.env.MAYFLY_ISOLATION;
  if (asked) return asked;
  const machine = await shell.host.examineMachine();
  if (machine.sandboxPossible) return 'sandbox';
  printer.notice(
    'Notice: no sandbox on this machine ("mayfly doctor" says why); functions run as plain processes.',
  );
  return 'process';
}
