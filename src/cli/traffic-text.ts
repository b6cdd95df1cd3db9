import type { TrafficAnswer } from '../contract/release-api.ts';
import { formatPercent } from '../kit/quantity.ts';
import { formatMs } from './format.ts';

/** Where an environment's calls go now, in a sentence or two. */
export function trafficText({ app, environment, release, canary, activationMs }: TrafficAnswer): string {
  const rest = release === null ? 'Nothing else serves' : `${release} serves the others`;
  const where =
    canary === null
      ? release === null
        ? `Nothing serves ${environment} of ${app}`
        : `${release} serves ${environment} of ${app}`
      : `${canary.release} serves ${formatPercent(canary.weight)} of the clients in ${environment} of ${app}. ${rest}`;
  return `${where} (${formatMs(activationMs)}).`;
}

/** `r-… 10%`, or nothing: a canary in a cell of a table. */
export function canaryCell(canary: { readonly release: string; readonly weight: number } | null): string {
  return canary ? `${canary.release} ${formatPercent(canary.weight)}` : '';
}
