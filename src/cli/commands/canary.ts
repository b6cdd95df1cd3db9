import type { Command } from 'commander';
import type { CanaryRequest, TrafficAnswer } from '../../contract/release-api.ts';
import { weightOf } from '../canary-option.ts';
import { canaryText } from '../canary-text.ts';
import {
  describeEnvironment,
  type EnvironmentCommandOptions,
  environmentPath,
  placeOf,
} from '../environment-path.ts';
import { withApp, withEnvironment, withNode, withOutput, withReason } from '../options.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';
import { trafficText } from '../traffic-text.ts';

interface ChangeOptions extends EnvironmentCommandOptions {
  readonly message?: string;
}

const CHANGES = [
  ['pause', 'stay at the present share; guards still watch'],
  ['resume', 'go on with the steps'],
  ['finish', 'let the release on trial serve everybody'],
  ['abort', 'let the stable release serve everybody again'],
] as const;

/** `mayfly canary status|set|pause|resume|finish|abort`: a release on trial, and its share of the clients. */
export function registerCanary(program: Command, shell: Shell): void {
  const group = program.command('canary').summary('watch and steer a release on trial');

  options(group.command('status').summary('show the release on trial and how it fares')).action(
    async (chosen: EnvironmentCommandOptions) => {
      const printer = new Printer(shell, chosen);
      const place = await placeOf(shell, chosen);
      const { app, environment, release, canary } = await describeEnvironment(place);
      printer.document({ app, environment, release, canary }, () =>
        canary === null
          ? `No release is on trial in ${environment} of ${app}.`
          : canaryText(canary, release, printer.paint),
      );
    },
  );

  const set = group.command('set').argument('<share>', 'of the clients, such as 25%');
  options(withReason(set.summary('give the release on trial another share'))).action(
    (share: string, chosen: ChangeOptions) =>
      change(shell, chosen, { action: 'set', weight: weightOf(share) }),
  );

  for (const [action, summary] of CHANGES) {
    options(withReason(group.command(action).summary(summary))).action((chosen: ChangeOptions) =>
      change(shell, chosen, { action }),
    );
  }
}

function options(command: Command): Command {
  return withOutput(withNode(withEnvironment(withApp(command))));
}

async function change(shell: Shell, options: ChangeOptions, request: CanaryRequest): Promise<void> {
  const printer = new Printer(shell, options);
  const place = await placeOf(shell, options);
  const answer = await place.client.post<TrafficAnswer>(environmentPath(place, 'canary'), {
    ...request,
    ...(options.message === undefined ? {} : { reason: options.message }),
  });
  printer.document(answer, () => trafficText(answer));
}
