import { cpus, totalmem } from 'node:os';
import { type Bound, type Figure, isMet, ratioOf, type Scenario } from './scenario.ts';

/** A scenario's figures as they are printed with `--json`. */
export interface Report {
  readonly scenario: string;
  readonly title: string;
  readonly at: string;
  readonly quick: boolean;
  readonly machine: string;
  readonly figures: readonly (Figure & { readonly ratio: number | null; readonly met: boolean | null })[];
  readonly notMeasured: readonly string[];
}

export function reportOf(scenario: Scenario, figures: readonly Figure[], quick: boolean): Report {
  const [cpu] = cpus();
  return {
    scenario: scenario.name,
    title: scenario.title,
    at: new Date().toISOString(),
    quick,
    machine: `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Node.js ${process.versions.node}`,
    figures: figures.map((figure) => ({ ...figure, ratio: ratioOf(figure), met: isMet(figure) })),
    notMeasured: scenario.notMeasured,
  };
}

export function renderReport(report: Report): string {
  const rows = report.figures.map((figure) => [
    figure.what,
    Number.isNaN(figure.value) ? (figure.note ?? 'not measured') : `${shown(figure.value)} ${figure.unit}`,
    figure.yardstick === undefined
      ? ''
      : `${shown(figure.yardstick.value)} ${figure.unit} (${figure.yardstick.what})`,
    figure.ratio === null || Number.isNaN(figure.ratio) ? '' : `${shown(figure.ratio)} ×`,
    (figure.promises ?? []).map((bound) => promiseText(bound, figure.unit)).join(' and '),
    figure.met === null ? '' : figure.met ? 'met' : 'MISSED',
  ]);
  const head = ['measured', 'value', 'yardstick', 'ratio', 'promise', ''];
  return [
    `${report.scenario}: ${report.title}`,
    `${report.machine}${report.quick ? ' (quick: the figures mean nothing)' : ''}`,
    '',
    ...columns([head, ...rows]),
    '',
    ...report.notMeasured.map((text) => `Not measured: ${text}`),
  ].join('\n');
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

function promiseText({ of, is, limit }: Bound, unit: string): string {
  const sign = is === 'at most' ? '≤' : '≥';
  return of === 'ratio' ? `${sign} ${limit} ×` : `${sign} ${limit.toLocaleString('en')} ${unit}`;
}

/** Three significant digits, or all of those before the point. */
function shown(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return Number(value.toPrecision(3)).toString();
}
