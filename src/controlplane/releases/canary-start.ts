import { MayflyError } from '../../domain/errors.ts';
import type { CanaryPlan } from '../../domain/traffic.ts';
import { randomHex } from '../../kit/ids.ts';
import type { CommandOf } from './traffic/traffic-command.ts';

const ID_BYTES = 6;

/** Begins a canary, with a name of its own. @throws MayflyError VALIDATION_FAILED when nobody gave a plan */
export function canaryStart(
  plan: CanaryPlan | undefined,
  start: Pick<CommandOf<'canary-start'>, 'cause' | 'release' | 'reason'>,
): CommandOf<'canary-start'> {
  if (plan === undefined) {
    throw new MayflyError(
      'VALIDATION_FAILED',
      'The canary has no plan: neither the request nor the release has one.',
    );
  }
  return { kind: 'canary-start', plan, id: `c-${randomHex(ID_BYTES)}`, ...start };
}
