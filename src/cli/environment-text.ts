import type { EnvironmentDescription, EnvironmentList } from '../contract/release-api.ts';
import { formatMinute } from './format.ts';
import { printable } from './paint.ts';
import { renderPairs, renderTable } from './table.ts';
import { canaryCell } from './traffic-text.ts';

const ENVIRONMENT = ['environment', 'kind', 'release', 'canary', 'activated', 'url'];
const HISTORY = ['#', 'at', 'by', 'what', 'release', 'canary', 'why'];

const columns = (titles: readonly string[]) => titles.map((title) => ({ title }));

/** A row an environment. */
export function environmentsTable(environments: EnvironmentList['environments']): string {
  return renderTable(
    columns(ENVIRONMENT),
    environments.map((item) => [
      item.environment,
      item.kind,
      item.release ?? '(none)',
      canaryCell(item.canary),
      formatMinute(item.activatedAt),
      item.url,
    ]),
  );
}

/** One environment, and what was done to it, newest first. */
export function environmentText({ history, ...item }: EnvironmentDescription): string {
  const pairs = renderPairs([
    ['environment', `${item.environment} of ${item.app} (${item.kind})`],
    ['url', item.url],
    ['release', item.release ?? '(none)'],
    ['canary', canaryCell(item.canary) || '(none)'],
    ['activated', formatMinute(item.activatedAt)],
  ]);
  const rows = history.map((entry) => [
    String(entry.seq),
    formatMinute(entry.at),
    printable(entry.by),
    entry.action,
    entry.release ?? '(none)',
    canaryCell(entry.canary),
    printable(entry.reason),
  ]);
  return `${pairs}\n\n${renderTable(columns(HISTORY), rows)}`;
}
