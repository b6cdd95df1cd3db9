import type { ReleaseManifest } from '../contract/manifest.ts';
import type { DeployRequest } from '../contract/release-api.ts';
import { previewOf } from '../kit/preview-name.ts';
import { canaryPlanOf } from './canary-option.ts';
import { usageError } from './errors.ts';
import { checkedOutBranch } from './git-branch.ts';
import { checkedName, type EnvironmentOptions, environmentOf, PRODUCTION } from './options.ts';
import type { Shell } from './shell.ts';

export interface TargetOptions extends EnvironmentOptions {
  /** `true`: named after the Git branch. */
  readonly preview?: string | true;
  readonly activate: boolean;
  /** `true`: by the app's own plan. */
  readonly canary?: string | true;
  readonly allowDestroy?: boolean;
  readonly message?: string;
}

type Target = Omit<DeployRequest, 'manifest' | 'artifacts'>;

/** Flags that cannot stand together or mean nothing: told before anything is built. @throws MayflyError USAGE */
export function checkTarget(shell: Shell, options: TargetOptions): void {
  if (options.preview !== undefined && options.env !== undefined) {
    throw usageError('--preview and --env exclude each other: a preview is an environment.');
  }
  if (!options.activate && options.canary !== undefined) {
    throw usageError('--no-activate and --canary exclude each other.');
  }
  if (typeof options.canary === 'string') canaryPlanOf(options.canary, undefined);
  if (typeof options.preview === 'string') previewName(options.preview);
  if (options.preview === undefined) environmentOf(shell, options);
}

/** What the flags ask the node for. @throws MayflyError USAGE */
export async function targetOf(
  shell: Shell,
  dir: string,
  options: TargetOptions,
  { app, canary: own }: ReleaseManifest,
): Promise<Target> {
  if (options.canary === true && own === undefined) {
    throw usageError(`${app} has no "canary" in its configuration; say which: --canary 10%.`);
  }
  const activate = options.canary !== undefined ? 'canary' : options.activate ? undefined : 'no';
  return {
    ...(await environmentPart(shell, dir, options, app)),
    ...(options.message === undefined ? {} : { message: options.message }),
    ...(activate === undefined ? {} : { activate }),
    ...(typeof options.canary === 'string' ? { canary: canaryPlanOf(options.canary, own) } : {}),
    ...(options.allowDestroy === true ? { allowDestroy: true } : {}),
  };
}

async function environmentPart(
  shell: Shell,
  dir: string,
  options: TargetOptions,
  app: string,
): Promise<Pick<Target, 'environment' | 'kind'>> {
  if (options.preview === undefined) return { environment: environmentOf(shell, options) };
  const name =
    options.preview === true ? previewOf(app, await checkedOutBranch(shell, dir)) : options.preview;
  return { environment: previewName(name), kind: 'preview' };
}

function previewName(name: string): string {
  if (name === PRODUCTION) throw usageError(`"${PRODUCTION}" is no preview; name another: --preview NAME.`);
  return checkedName(name, 'environment');
}
