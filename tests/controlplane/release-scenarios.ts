import { Readable } from 'node:stream';
import { openFilesystemArtifacts } from '../../src/adapters/artifacts/filesystem-artifacts.ts';
import type { DeployRequest } from '../../src/contract/release-api.ts';
import type { Checkpoint } from '../../src/controlplane/releases/checkpoint.ts';
import { startBarePlane } from './bare-plane.ts';
import { canaryPlanOf, deployOf, functionOf, sha256Of } from './control-fixtures.ts';
import { ScriptedWarmness } from './release-neighbours.ts';

export interface Opened {
  readonly plane: Awaited<ReturnType<typeof startBarePlane>>;
  readonly artifacts: ReturnType<typeof openFilesystemArtifacts>;
  close(): Promise<void>;
}

/** A control plane with real stores on a folder. Its collector keeps nothing that is not in use but the last release. */
export async function openFolder(folder: string, checkpoint: Checkpoint = () => {}): Promise<Opened> {
  // Everything is older than a grace time that ends in an hour.
  const artifacts = openFilesystemArtifacts({ dataDir: folder, trees: 'copy', graceMs: -3_600_000 });
  const warmness = new ScriptedWarmness();
  warmness.rows = () => [{ function: 'a', wanted: 1, ready: 1, error: null }];
  const retention = { releasesKept: 1, releaseAgeMsMax: 1e12 };
  const plane = await startBarePlane(`${folder}/mayfly.db`, { artifacts, warmness, retention, checkpoint });
  const close = async (): Promise<void> => {
    await plane.store.close();
    await artifacts.close();
  };
  return { plane, artifacts, close };
}

/** A change that a node may be killed in. */
export interface Scenario {
  /** What the folder holds before it. */
  readonly prepare: (opened: Opened) => Promise<void>;
  readonly act: (opened: Opened) => Promise<unknown>;
}

const APP = 'shop';
const step = (weight: number, holdMs: number | null = null) => ({ weight, holdMs });

/** Release of this name: two functions of one code that says it, and all that a deploy can have to do. */
async function deploy(
  { plane, artifacts }: Opened,
  name: string,
  extra: Partial<DeployRequest> = {},
): Promise<void> {
  const { limits } = functionOf('a', name);
  const env = { RELEASE: name };
  const fn = { code: `code of ${name}`, extra: { env, limits: { ...limits, provisioned: 1 } } };
  const { codes, ...request } = deployOf(APP, { a: fn, b: fn });
  for (const code of codes) {
    const content = Readable.from([Buffer.from(code)]);
    await artifacts.putBlob(sha256Of(code), Buffer.byteLength(code), content);
  }
  const test = {
    method: 'GET',
    path: '/a',
    headers: {},
    body: null,
    status: 200,
    contains: null,
    timeoutMs: 9,
  };
  const manifest = { ...request.manifest, smoke: [test] };
  await plane.deploys.deploy(APP, { ...request, ...extra, manifest, message: name }, 'ci');
}

const nothing = async (): Promise<void> => {};
const old = (opened: Opened): Promise<void> => deploy(opened, 'old');
const onTrial =
  (...steps: readonly ReturnType<typeof step>[]) =>
  async (opened: Opened): Promise<void> => {
    await old(opened);
    await deploy(opened, 'new', { activate: 'canary', canary: canaryPlanOf([...steps]) });
  };
const production = [APP, 'production'] as const;

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a first deploy': { prepare: nothing, act: old },
  'a deploy': { prepare: old, act: (opened) => deploy(opened, 'new') },
  'a deploy that is only kept': { prepare: old, act: (opened) => deploy(opened, 'new', { activate: 'no' }) },
  'the start of a canary': {
    prepare: old,
    act: (opened) => deploy(opened, 'new', { activate: 'canary', canary: canaryPlanOf([step(500)]) }),
  },
  "a canary's step": {
    prepare: onTrial(step(500, 0), step(2_500)),
    act: ({ plane }) => plane.canaries.look(),
  },
  "a canary's last step": {
    prepare: onTrial(step(10_000)),
    act: ({ plane }) => plane.canaries.look(),
  },
  "a canary's end": {
    prepare: onTrial(step(500)),
    act: ({ plane }) => plane.environments.canary(...production, { action: 'abort' }, 'ci'),
  },
  'a promotion': {
    prepare: async (opened) => {
      await deploy(opened, 'new', { environment: 'staging' });
      await old(opened);
    },
    act: ({ plane }) => plane.environments.promote(...production, { from: 'staging' }, 'ci'),
  },
  'a rollback': {
    prepare: async (opened) => {
      await deploy(opened, 'new');
      await old(opened);
    },
    act: ({ plane }) => plane.environments.rollback(...production, {}, 'ci'),
  },
  'a clone': {
    prepare: async (opened) => {
      await old(opened);
      const secret = { name: 'SECRET', value: 's', secret: true };
      await opened.plane.variables.change(...production, { set: [secret] });
    },
    act: ({ plane }) => plane.environments.clone(...production, { to: 'twin' }, 'ci'),
  },
  'a change of variables during a canary': {
    prepare: onTrial(step(500)),
    act: ({ plane }) => {
      const set = ['A', 'B'].map((name) => ({ name, value: 'new', secret: name === 'B' }));
      return plane.variables.change(...production, { set });
    },
  },
  'a collection': {
    prepare: async (opened) => {
      await deploy(opened, 'left', { environment: 'gone' });
      await old(opened);
      await opened.plane.environments.remove(APP, 'gone');
    },
    act: ({ plane }) => plane.collector.collect(),
  },
};
