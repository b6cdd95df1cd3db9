import type { ReleaseDescription, ReleaseDiff, ReleaseList } from '../contract/release-api.ts';
import { sayTrigger } from '../contract/triggers.ts';
import { formatDuration, formatPercent } from '../kit/quantity.ts';
import { formatMinute, formatSize } from './format.ts';
import { type Paint, printable } from './paint.ts';
import { renderPairs, renderTable } from './table.ts';

const columns = (...titles: string[]) => titles.map((title) => ({ title }));

/** A row a release. */
export function releasesTable(list: ReleaseList): string {
  return renderTable(
    columns('release', 'created', 'by', 'functions', 'active in', 'message'),
    list.releases.map((release) => [
      release.release,
      formatMinute(release.createdAt),
      printable(release.createdBy),
      String(release.functions),
      placesOf(release),
      printable(release.message),
    ]),
  );
}

/** What a release is made of. */
export function releaseText(release: ReleaseDescription, paint: Paint): string {
  const { manifest } = release;
  const bytes = new Map(release.artifacts.map((artifact) => [artifact.artifact, artifact.bytes]));
  const functions = renderTable(
    columns('function', 'runtime', 'dialect', 'memory', 'size', 'routes', 'triggers'),
    manifest.functions.map((item) => [
      paint('bold', item.name),
      item.runtime,
      item.dialect,
      `${item.limits.memoryMb} MB`,
      formatSize(bytes.get(item.artifact) ?? 0),
      item.routes.map((route) => `${route.method} ${route.pattern}`).join(', '),
      printable((item.triggers ?? []).map(sayTrigger).join(', ')),
    ]),
  );
  const pairs = renderPairs([
    ['release', `${release.release} of ${release.app}`],
    ['created', `${formatMinute(release.createdAt)} by ${printable(release.createdBy)}`],
    ['message', printable(release.message)],
    ['active in', placesOf(release) || '(nowhere)'],
    ...manifestPairs(manifest),
  ]);
  return `${pairs}\n\n${functions}`;
}

function manifestPairs({ canary, smoke, resources }: ReleaseDescription['manifest']): [string, string][] {
  const steps = canary?.steps.map(({ weight, holdMs }) =>
    holdMs === null ? formatPercent(weight) : `${formatPercent(weight)} ${formatDuration(holdMs)}`,
  );
  const named: [string, string[] | undefined][] = [
    ['canary', steps],
    ['smoke', smoke?.map(({ method, path, status }) => `${method} ${path} (${status})`)],
    ['resources', resources?.map(({ kind, name }) => `${kind} ${name}`)],
  ];
  return named.flatMap(([name, words]): [string, string][] =>
    words === undefined ? [] : [[name, printable(words.join(', '))]],
  );
}

/** What a release changes, part by part; only those parts that differ. */
export function diffText(diff: ReleaseDiff, paint: Paint): string {
  const head = `${diff.against} → ${diff.release} of ${diff.app}`;
  const functions = diff.functions.map((item) => [
    mark(item.change, paint),
    item.name,
    item.parts.join(', '),
    sizes(item.bytesBefore, item.bytesAfter),
  ]);
  const values = (changes: ReleaseDiff['routes']) =>
    changes.map((item) => [
      mark(item.change, paint),
      printable(item.name),
      printable([item.before, item.after].filter((value) => value !== null).join(' → ')),
    ]);
  const sections = [
    ['function', functions, ['changed', 'size']],
    ['route', values(diff.routes), ['function']],
    ['resource', values(diff.resources), ['declaration']],
    ['setting', values(diff.configuration), ['value']],
  ] as const;
  const tables = sections
    .filter(([, rows]) => rows.length > 0)
    .map(([noun, rows, titles]) => renderTable(columns(' ', noun, ...titles), rows));
  return tables.length === 0 ? `${head}: nothing differs.` : [head, ...tables].join('\n\n');
}

function mark(change: 'added' | 'removed' | 'changed', paint: Paint): string {
  if (change === 'added') return paint('green', '+');
  return change === 'removed' ? paint('red', '-') : paint('yellow', '~');
}

function sizes(before: number | null, after: number | null): string {
  if (before === after) return formatSize(after ?? 0);
  return [before, after].flatMap((bytes) => (bytes === null ? [] : [formatSize(bytes)])).join(' → ');
}

function placesOf({ activeIn, canaryIn }: ReleaseList['releases'][number]): string {
  return [...activeIn, ...canaryIn.map((environment) => `${environment} (canary)`)].join(', ');
}
