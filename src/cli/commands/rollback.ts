import type { Command } from 'commander';
import type { RollbackRequest, TrafficAnswer } from '../../contract/release-api.ts';
import { type EnvironmentCommandOptions, environmentPath, isRelease, placeOf } from '../environment-path.ts';
import { usageError } from '../errors.ts';
import { withApp, withEnvironment, withNode, withOutput, withReason } from '../options.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';
import { trafficText } from '../traffic-text.ts';

/** `mayfly rollback [RELEASE]`: back to what was live before, all functions at once. */
export function registerRollback(program: Command, shell: Shell): void {
  const command = program
    .command('rollback')
    .argument('[release]', 'release to go back to, by default the one that was live before')
    .summary('go back to an earlier release');
  withOutput(withNode(withEnvironment(withApp(withReason(command))))).action(
    async (
      release: string | undefined,
      options: EnvironmentCommandOptions & { readonly message?: string },
    ) => {
      const printer = new Printer(shell, options);
      if (release !== undefined && !isRelease(release)) {
        throw usageError(`"${release}" is no release; "mayfly releases list" shows their ids.`);
      }
      const place = await placeOf(shell, options);
      const request: RollbackRequest = {
        ...(release === undefined ? {} : { release }),
        ...(options.message === undefined ? {} : { reason: options.message }),
      };
      const answer = await place.client.post<TrafficAnswer>(environmentPath(place, 'rollback'), request);
      printer.document(answer, () => trafficText(answer));
    },
  );
}
