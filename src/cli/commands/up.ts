import { once } from 'node:events';
import type { Command } from 'commander';
import { nodeFlagsOf, withNodeFlags } from '../node-flags.ts';
import type { RunningNode } from '../node-host.ts';
import { type OutputOptions, withOutput } from '../options.ts';
import { Printer } from '../printer.ts';
import { Interrupted, type Shell } from '../shell.ts';
import { renderPairs } from '../table.ts';

interface UpOptions extends OutputOptions {
  readonly stopWithStdin?: boolean;
}

/** What `mayfly up --json` prints once the node is ready. */
export interface UpAnswer {
  readonly gateway: string;
  readonly control: string;
  readonly edge: string;
  readonly data: string;
  readonly pid: number;
}

/** `mayfly up`: runs a node here until SIGTERM or Ctrl-C, which drain it; a second one ends it at once. */
export function registerUp(program: Command, shell: Shell): void {
  const command = withOutput(program.command('up').summary('run a node')).option(
    '--stop-with-stdin',
    'also drain when stdin ends, so that a parent that dies takes its node along',
  );
  withNodeFlags(command, shell.host.settings).action(async (options: UpOptions) => {
    const printer = new Printer(shell, options);
    const node = await shell.host.startNode(nodeFlagsOf(options, shell.host.settings));
    try {
      if (!shell.signal.aborted) announce(printer, node);
      await untilStopped(shell, options.stopWithStdin === true);
    } finally {
      await node.close();
    }
    // A supervisor's SIGTERM that was obeyed is a success; Ctrl-C says 130 as it does everywhere.
    if (shell.signal.reason instanceof Interrupted && shell.signal.reason.by === 'SIGINT')
      throw shell.signal.reason;
  });
}

function announce(printer: Printer, node: RunningNode): void {
  const answer: UpAnswer = {
    gateway: node.gatewayUrl,
    control: node.controlUrl,
    edge: node.edgeUrl,
    data: node.dataDir,
    pid: process.pid,
  };
  printer.record(answer, () =>
    renderPairs([
      ['gateway', answer.gateway],
      ['control', answer.control],
      ['edge', answer.edge],
    ]),
  );
}

async function untilStopped(shell: Shell, stopWithStdin: boolean): Promise<void> {
  if (shell.signal.aborted) return;
  const stops = [once(shell.signal, 'abort')];
  if (stopWithStdin) {
    shell.stdin.resume();
    stops.push(once(shell.stdin, 'close'));
  }
  await Promise.race(stops);
}
