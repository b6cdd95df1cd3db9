import type { EnvironmentDescription } from '../contract/release-api.ts';
import { MayflyError } from '../domain/errors.ts';
import { type ApiClient, apiPath } from './api-client.ts';
import { requiredApp } from './app-name.ts';
import { connect } from './node-location.ts';
import {
  type AppOptions,
  checkedName,
  type EnvironmentOptions,
  environmentOf,
  type NodeOptions,
  type OutputOptions,
} from './options.ts';
import type { Shell } from './shell.ts';

export interface EnvironmentCommandOptions
  extends NodeOptions,
    OutputOptions,
    AppOptions,
    EnvironmentOptions {}

/** The environment that a command is about, and the node that has it. */
export interface Place {
  readonly client: ApiClient;
  readonly app: string;
  readonly environment: string;
}

/** What flags, variables and the folder say. @throws MayflyError USAGE, NODE_UNREACHABLE */
export async function placeOf(shell: Shell, options: EnvironmentCommandOptions): Promise<Place> {
  const environment = environmentOf(shell, options);
  const client = connect(shell, options);
  return { client, app: await requiredApp(shell, options, client), environment };
}

export function environmentPath({ app, environment }: Omit<Place, 'client'>, ...parts: string[]): string {
  return apiPath('apps', app, 'environments', environment, ...parts);
}

const RELEASE_ID = /^r-[0-9a-f]{12}$/;

/** Whether a word names a release; else it names an environment. @throws MayflyError USAGE when it can be neither */
export function isRelease(word: string): boolean {
  if (RELEASE_ID.test(word)) return true;
  checkedName(word, 'release or environment');
  return false;
}

/** A release by its id, or the one that an environment serves. @throws MayflyError USAGE, NOT_FOUND, RELEASE_NOT_FOUND */
export async function releaseNamed(place: Omit<Place, 'environment'>, word: string): Promise<string> {
  if (isRelease(word)) return word;
  const { release } = await describeEnvironment({ ...place, environment: word });
  if (release !== null) return release;
  throw new MayflyError('RELEASE_NOT_FOUND', `Nothing has been activated in ${word} of ${place.app} yet.`);
}

export function describeEnvironment(place: Place): Promise<EnvironmentDescription> {
  return place.client.get<EnvironmentDescription>(environmentPath(place));
}
