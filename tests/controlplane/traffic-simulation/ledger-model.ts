import type { TrafficCommand } from '../../../src/controlplane/releases/traffic/traffic-command.ts';
import type { ErrorCode } from '../../../src/domain/errors.ts';
import type { Traffic, TrafficAction } from '../../../src/domain/traffic.ts';

/** A line of the history as the API shows it, or a collection, which is not shown. */
export type Entry =
  | {
      readonly action: TrafficAction;
      readonly release: string | null;
      readonly canary: { readonly release: string; readonly weight: number } | null;
    }
  | { readonly action: 'collect'; readonly gone: readonly string[] };

/** What the history says: where calls go, without what it does not record of a canary. */
export interface Outline {
  stable: string | null;
  past: string[];
  canary: { readonly release: string; readonly weight: number } | null;
}

const PAST_MAX = 100;

/** The state that the lines of a history lead to, worked out from nothing but them. */
export function replay(entries: readonly Entry[]): Outline {
  const outline: Outline = { stable: null, past: [], canary: null };
  for (const entry of entries) {
    if (entry.action === 'collect') collect(outline, entry.gone);
    else follow(outline, entry);
  }
  return outline;
}

function follow(outline: Outline, entry: Exclude<Entry, { action: 'collect' }>): void {
  outline.canary = entry.canary;
  if (['deploy', 'promote', 'canary-finish'].includes(entry.action)) {
    if (outline.stable !== null) outline.past.push(outline.stable);
    if (outline.past.length > PAST_MAX) outline.past.shift();
  } else if (entry.action === 'rollback') {
    while (outline.past.pop() !== entry.release) {
      if (outline.past.length === 0) throw new Error(`rolled back to ${entry.release}, which is not past`);
    }
  }
  outline.stable = entry.release;
}

function collect(outline: Outline, gone: readonly string[]): void {
  const left = [...outline.past.filter((release) => !gone.includes(release)), outline.stable];
  const distinct = left.filter((release, index) => release !== left[index - 1]);
  outline.past = distinct.slice(0, -1) as string[];
}

export function outlineOf({ stable, past, canary }: Traffic): Outline {
  return {
    stable,
    past: [...past],
    canary: canary === null ? null : { release: canary.release, weight: canary.weight },
  };
}

/** The refusal that a command deserves; null: it must be carried out. Said anew, not by asking the decisions. */
export function refusalOf({ stable, past, canary }: Traffic, command: TrafficCommand): ErrorCode | null {
  switch (command.kind) {
    case 'activate':
    case 'canary-start':
      if (canary !== null) return 'CANARY_ACTIVE';
      return command.release === stable ? 'ALREADY_LIVE' : null;
    case 'rollback':
      if (canary !== null && [null, stable].includes(command.release)) return null;
      if (command.release === null) return past.length === 0 ? 'NO_EARLIER_RELEASE' : null;
      if (command.release === stable) return 'ALREADY_LIVE';
      return past.includes(command.release) ? null : 'NO_EARLIER_RELEASE';
    case 'canary-pause':
    case 'canary-resume':
      if (canary === null) return 'NO_CANARY';
      return canary.paused === (command.kind === 'canary-pause') ? 'CONFLICT' : null;
    default:
      return canary === null ? 'NO_CANARY' : null;
  }
}
