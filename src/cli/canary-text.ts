import type { EnvironmentDescription } from '../contract/release-api.ts';
import { formatDuration, formatPercent } from '../kit/quantity.ts';
import { formatMinute } from './format.ts';
import type { Paint } from './paint.ts';
import { renderPairs, renderTable } from './table.ts';

type Canary = NonNullable<EnvironmentDescription['canary']>;
type Health = NonNullable<Canary['health']>;

/** A release on trial: its share, its plan and how it fares beside the stable one. */
export function canaryText(canary: Canary, stable: string | null, paint: Paint): string {
  const others = stable === null ? 'nothing serves the others' : `${stable} serves the others`;
  const pairs = renderPairs([
    [
      'canary',
      `${paint('bold', canary.release)} for ${formatPercent(canary.weight)} of the clients, ${others}`,
    ],
    ['since', formatMinute(canary.startedAt)],
    ['steps', stepsText(canary, paint)],
    ['next', nextText(canary)],
    ['key', keyText(canary)],
    ['guards', guardsText(canary)],
  ]);
  return canary.health === null ? pairs : `${pairs}\n\n${healthTable(canary.health)}`;
}

function stepsText({ plan, step }: Canary, paint: Paint): string {
  return plan.steps
    .map(({ weight, holdMs }, index) => {
      const text =
        holdMs === null ? formatPercent(weight) : `${formatPercent(weight)} ${formatDuration(holdMs)}`;
      return index === step ? paint('bold', `[${text}]`) : text;
    })
    .join(', ');
}

function nextText({ paused, nextStepAt }: Canary): string {
  if (paused) return 'paused; "mayfly canary resume" goes on';
  return nextStepAt === null
    ? 'when somebody says so: "mayfly canary set", "finish" or "abort"'
    : formatMinute(nextStepAt);
}

function keyText({ plan: { key } }: Canary): string {
  return key.kind === 'header' ? `header ${key.name}` : key.kind;
}

function guardsText({ plan: { guards } }: Canary): string {
  const more = (share: number) => `+${formatPercent(Math.round(share * 10_000))}`;
  const words = [
    ...(guards.errors === null ? [] : [`errors ${more(guards.errors)}`]),
    ...(guards.p99 === null ? [] : [`p99 × ${guards.p99}`]),
    ...(guards.coldStarts === null ? [] : [`cold starts ${more(guards.coldStarts)}`]),
    ...Object.entries(guards.metrics).map(([name, margin]) => `${name} +${margin}`),
  ];
  return words.length === 0 ? 'off' : `${words.join(', ')}, from ${guards.callsMin} calls`;
}

function healthTable({ stable, canary }: Health): string {
  const metrics = [...new Set([...Object.keys(stable.metrics), ...Object.keys(canary.metrics)])].sort();
  const numbers = ['calls', 'errors', 'cold', 'p50 ms', 'p99 ms', ...metrics];
  const row = (name: string, health: Health['stable']) => [
    name,
    health.release,
    String(health.calls),
    String(health.errors),
    String(health.cold),
    health.p50Ms.toFixed(2),
    health.p99Ms.toFixed(2),
    ...metrics.map((metric) => (health.metrics[metric] ?? 0).toFixed(3)),
  ];
  return renderTable(
    [{ title: '' }, { title: 'release' }, ...numbers.map((title) => ({ title, align: 'right' }) as const)],
    [row('stable', stable), row('canary', canary)],
  );
}
