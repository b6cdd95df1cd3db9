import type { Command } from 'commander';
import type { ReleaseDescription, ReleaseDiff, ReleaseList } from '../../contract/release-api.ts';
import { apiPath } from '../api-client.ts';
import { type EnvironmentCommandOptions, placeOf, releaseNamed } from '../environment-path.ts';
import { withAppOnNode, withEnvironment } from '../options.ts';
import { Printer } from '../printer.ts';
import { diffText, releasesTable, releaseText } from '../release-text.ts';
import type { Shell } from '../shell.ts';

/** `mayfly releases list|show|diff`: the immutable builds of an app. */
export function registerReleases(program: Command, shell: Shell): void {
  const group = program.command('releases').summary('list, show and compare the releases of an app');

  withAppOnNode(group.command('list').summary('list the releases of an app, newest first')).action(
    async (chosen: EnvironmentCommandOptions) => {
      const printer = new Printer(shell, chosen);
      const { client, app } = await placeOf(shell, chosen);
      const list = await client.get<ReleaseList>(apiPath('apps', app, 'releases'));
      printer.document(list, () =>
        list.releases.length === 0 ? `${app} has no releases.` : releasesTable(list),
      );
    },
  );

  withAppOnNode(
    group
      .command('show')
      .argument('<release>', 'release, or environment whose release is meant')
      .summary('show what a release is made of'),
  ).action(async (word: string, chosen: EnvironmentCommandOptions) => {
    const printer = new Printer(shell, chosen);
    const place = await placeOf(shell, chosen);
    const release = await releaseNamed(place, word);
    const path = apiPath('apps', place.app, 'releases', release);
    const description = await place.client.get<ReleaseDescription>(path);
    printer.document(description, () => releaseText(description, printer.paint));
  });

  withEnvironment(
    withAppOnNode(
      group
        .command('diff')
        .argument('<release>', 'release, or environment whose release is meant')
        .argument('[against]', 'the same, by default what --env serves')
        .summary('show what a release changes'),
    ),
  ).action(async (word: string, against: string | undefined, chosen: EnvironmentCommandOptions) => {
    const printer = new Printer(shell, chosen);
    const place = await placeOf(shell, chosen);
    const [release, other] = await Promise.all([
      releaseNamed(place, word),
      releaseNamed(place, against ?? place.environment),
    ]);
    const path = apiPath('apps', place.app, 'releases', release, 'diff');
    const diff = await place.client.get<ReleaseDiff>(path, { against: other });
    printer.document(diff, () => diffText(diff, printer.paint));
  });
}
