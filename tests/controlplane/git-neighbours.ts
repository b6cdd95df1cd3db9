import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openRepositories } from '../../src/adapters/git/bare-repositories.ts';
import { findProgram } from '../../src/adapters/sandboxes/machine.ts';
import type { Database } from '../../src/adapters/sqlite/database.ts';
import { SqliteWebhookStore } from '../../src/adapters/sqlite/webhook-store.ts';
import { GitDeployments } from '../../src/controlplane/git/git-deployments.ts';
import { Hooks } from '../../src/controlplane/git/hooks.ts';
import { Notifications } from '../../src/controlplane/notifications/notifications.ts';
import { SecretSealer } from '../../src/controlplane/secrets/secret-sealer.ts';

/** Real repositories, and a builder and a sender that nobody is meant to use. */
export function gitNeighbours(folder: string, database: Database, masterKey: Uint8Array) {
  const path = join(folder, 'git');
  mkdirSync(path, { recursive: true });
  const repositories = openRepositories(path, findProgram);
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
  const webhooks = new SqliteWebhookStore(database);
  const sealer = new SecretSealer(masterKey);
  const clock = { now: () => performance.now(), wall: () => Date.now() };
  const notifications = new Notifications({
    store: webhooks,
    sender: { post: unused },
    sealer,
    clock,
    urlOf: unused,
    onDefect: unused,
  });
  const hooks = new Hooks({
    store: webhooks,
    repositories,
    deployments: gitDeployments,
    sealer,
    clock,
    onDefect: unused,
  });
  return { repositories, gitDeployments, hooks, webhooks, notifications };
}
