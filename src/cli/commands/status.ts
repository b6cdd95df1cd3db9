import type { Command } from 'commander';
import type { Status } from '../../contract/control-api.ts';
import { apiPath } from '../api-client.ts';
import { formatMinute, plural } from '../format.ts';
import { connect } from '../node-location.ts';
import { type NodeOptions, type OutputOptions, withNode, withOutput } from '../options.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';
import { renderPairs } from '../table.ts';

/** `mayfly status`: what the node is doing. */
export function registerStatus(program: Command, shell: Shell): void {
  const command = program.command('status').summary('show what a node is doing');
  withOutput(withNode(command)).action(async (options: NodeOptions & OutputOptions) => {
    const printer = new Printer(shell, options);
    const status = await connect(shell, options).get<Status>(apiPath('status'));
    printer.document(status, () => textOf(status));
  });
}

function textOf(status: Status): string {
  const counts = Object.entries(status.instances).filter(([, count]) => count > 0);
  return renderPairs([
    ['version', `${status.version} on Node.js ${status.node}, pid ${status.pid}`],
    ['python', status.python ?? 'none: functions in Python are refused'],
    ['started', formatMinute(status.startedAt)],
    ['gateway', status.listeners.gateway],
    ['control', status.listeners.control],
    ['edge', status.listeners.edge],
    ['isolation', `${status.isolation.driver} (${guaranteesOf(status)})`],
    ['deployed', `${status.functions} functions in ${status.apps} apps${trialsOf(status)}`],
    ['instances', counts.map(([state, count]) => `${count} ${state}`).join(', ') || 'none'],
    [
      'calls',
      `${status.calls.inFlight} in flight, ${status.calls.waiting} waiting, ${status.calls.served} served`,
    ],
    [
      'async calls',
      `${status.asyncCalls.inFlight} waiting, ${status.asyncCalls.done} done, ${status.asyncCalls.dead} given up`,
    ],
    ['memory', `${status.memory.rssMb.toFixed(0)} MB (heap ${status.memory.heapMb.toFixed(0)} MB)`],
  ]);
}

function trialsOf({ previews, canaries }: Status): string {
  const counts = [
    ...(previews > 0 ? [plural(previews, 'preview')] : []),
    ...(canaries > 0 ? [canaries === 1 ? '1 canary' : `${canaries} canaries`] : []),
  ];
  return counts.length === 0 ? '' : `, ${counts.join(', ')}`;
}

function guaranteesOf(status: Status): string {
  return Object.entries(status.isolation.guarantees)
    .map(([name, value]) => `${name} ${value === true ? 'yes' : value === false ? 'no' : String(value)}`)
    .join(', ');
}
