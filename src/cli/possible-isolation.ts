import type { MachineFact, NodeFlags } from './node-host.ts';
import type { Printer } from './printer.ts';
import type { Shell } from './shell.ts';

/** Without these no sandbox starts; the other facts make a sandbox better or worse. */
const NEEDED = new Set(['operating system', 'bubblewrap', 'namespaces']);
/** As root, sandboxes need a way to give up privileges; any other user has none to give up. */
const NEEDED_BY_ROOT = 'user';

/** Whether functions can be sandboxed on this machine at all. */
export function sandboxPossible(facts: readonly MachineFact[], isRoot: boolean): boolean {
  return facts.every(({ check, ok }) => ok || !(NEEDED.has(check) || (isRoot && check === NEEDED_BY_ROOT)));
}

/**
 * The isolation of a node for its own author: what was asked for, else a sandbox, else plain processes with a notice.
 * An author's own code on an author's own machine may run unsandboxed where nothing better is to be had, but not
 * unsaid. (`mayfly up` never chooses this by itself.)
 */
export async function possibleIsolation(shell: Shell, typed: NodeFlags, printer: Printer): Promise<string> {
  const asked = typed.isolation ?? shell.env.MAYFLY_ISOLATION;
  if (asked) return asked;
  if (sandboxPossible(await shell.host.examineMachine(), process.getuid?.() === 0)) return 'sandbox';
  printer.notice(
    'Notice: no sandbox on this machine ("mayfly doctor" says why); functions run as plain processes.',
  );
  return 'process';
}
