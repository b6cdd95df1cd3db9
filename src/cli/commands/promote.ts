import type { Command } from 'commander';
import type { PromoteRequest, ReleaseDescription, TrafficAnswer } from '../../contract/release-api.ts';
import { apiPath } from '../api-client.ts';
import { canaryPlanOf } from '../canary-option.ts';
import {
  type EnvironmentCommandOptions,
  environmentPath,
  isRelease,
  type Place,
  placeOf,
  releaseNamed,
} from '../environment-path.ts';
import { usageError } from '../errors.ts';
import { withApp, withEnvironment, withNode, withOutput, withReason } from '../options.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';
import { trafficText } from '../traffic-text.ts';

interface PromoteOptions extends EnvironmentCommandOptions {
  /** `true`: by the release's own plan. */
  readonly canary?: string | true;
  readonly allowDestroy?: boolean;
  readonly message?: string;
}

/** `mayfly promote RELEASE|ENV`: makes a release that exists live, as it is. */
export function registerPromote(program: Command, shell: Shell): void {
  const command = program
    .command('promote')
    .argument('<release>', 'release, or environment whose release is meant')
    .option(
      '--canary [steps]',
      'for a share of the clients first: 10%, "5% 10m, 100%", by default as configured',
    )
    .option('--allow-destroy', 'lose the resources that the release does not name')
    .summary('make a release live that exists already');
  withOutput(withNode(withEnvironment(withApp(withReason(command))))).action(
    async (word: string, options: PromoteOptions) => {
      const printer = new Printer(shell, options);
      if (typeof options.canary === 'string') canaryPlanOf(options.canary, undefined);
      const byId = isRelease(word);
      const place = await placeOf(shell, options);
      if (word === place.environment) {
        throw usageError(
          `${word} serves its own release already; --env names where it is to be promoted to.`,
        );
      }
      const canary = await canaryFor(place, word, options.canary);
      const request: PromoteRequest = {
        ...(byId ? { release: word } : { from: word }),
        ...(canary === undefined ? {} : { canary }),
        ...(options.message === undefined ? {} : { reason: options.message }),
        ...(options.allowDestroy === true ? { allowDestroy: true } : {}),
      };
      const answer = await place.client.post<TrafficAnswer>(environmentPath(place, 'promote'), request);
      printer.document(answer, () => trafficText(answer));
    },
  );
}

/** Steps of the flag come with the key and the guards of the release's own plan. */
async function canaryFor(
  place: Place,
  word: string,
  flag: string | true | undefined,
): Promise<PromoteRequest['canary']> {
  if (flag === undefined) return undefined;
  if (flag === true) return 'plan';
  const release = await releaseNamed(place, word);
  const path = apiPath('apps', place.app, 'releases', release);
  const { manifest } = await place.client.get<ReleaseDescription>(path);
  return canaryPlanOf(flag, manifest.canary);
}
