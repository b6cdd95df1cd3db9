import type { DeployAnswer, DeployedFunction } from '../../contract/release-api.ts';
import type { FunctionVersion } from '../../domain/function-version.ts';
import type { AppSnapshot } from '../../domain/snapshot.ts';
import type { AppUrls } from './app-urls.ts';

export function deployAnswerOf(
  snapshot: AppSnapshot,
  state: DeployAnswer['state'],
  urls: AppUrls,
): DeployAnswer {
  const { app, environment, release } = snapshot;
  return { app, environment, release, state, functions: deployedFunctionsOf(snapshot, urls) };
}

/** The functions of a release, with the addresses that they have in its environment. */
export function deployedFunctionsOf(snapshot: AppSnapshot, urls: AppUrls): DeployedFunction[] {
  const { app, environment, functions } = snapshot;
  const routes = Map.groupBy(snapshot.routes, (route) => route.function);
  return [...functions.values()].map(({ name, version, runtime, dialect }: FunctionVersion) => {
    const patterns = (routes.get(name) ?? []).map(({ pattern }) => pattern);
    return { name, version, runtime, dialect, urls: urls.urlsOf(app, environment, patterns) };
  });
}
