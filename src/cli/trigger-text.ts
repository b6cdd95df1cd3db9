import type { DeployedFunction } from '../contract/release-api.ts';
import { plural } from './format.ts';
import { printable } from './paint.ts';

/** A function's triggers in a cell of a table. */
export function triggersText(triggers: DeployedFunction['triggers'] = []): string {
  return printable(triggers.map(({ text, waiting }) => (waiting ? `${text} (waiting)` : text)).join(', '));
}

/** A line about triggers that nothing fires yet, or null. */
export function waitingText(functions: readonly DeployedFunction[]): string | null {
  const waiting = functions.flatMap(({ triggers = [] }) => triggers.filter((trigger) => trigger.waiting));
  if (waiting.length === 0) return null;
  const kinds = [...new Set(waiting.map(({ kind }) => kind))].sort().join(', ');
  const [are, begin, their] = waiting.length === 1 ? ['is', 'begins', 'its'] : ['are', 'begin', 'their'];
  return `${plural(waiting.length, 'trigger')} (${kinds}) ${are} declared and ${begin} to work when ${their} service arrives.`;
}
