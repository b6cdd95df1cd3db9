import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openRepositories } from '../../src/adapters/git/bare-repositories.ts';
import { GitDeployments } from '../../src/controlplane/git/git-deployments.ts';

/** Real repositories, and a builder that nobody is meant to use. */
export function gitNeighbours(folder: string) {
  const path = join(folder, 'git');
  mkdirSync(path, { recursive: true });
  const repositories = openRepositories(path);
  const unused = (): never => {
    throw new Error('Nothing is pushed in this test.');
  };
  const gitDeployments = new GitDeployments({
    repositories,
    builder: { build: unused },
    target: {
      kindOf: unused,
      liveIn: unused,
      urlOf: unused,
      deploy: unused,
      removeEnvironment: unused,
    },
    buildsMax: 1,
    onDefect: unused,
  });
  return { repositories, gitDeployments };
}
