import type { DeployAnswer, DeployedFunction } from '../../contract/release-api.ts';
import { sayTrigger, type TriggerManifest } from '../../contract/triggers.ts';
import type { BoundTrigger } from '../../domain/bound-trigger.ts';
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
  const triggers = Map.groupBy(snapshot.triggers ?? [], (trigger) => trigger.function);
  return [...functions.values()].map(({ name, version, runtime, dialect }: FunctionVersion) => {
    const patterns = (routes.get(name) ?? []).map(({ pattern }) => pattern);
    const own = (triggers.get(name) ?? []).map(saidTrigger);
    const bound = own.length === 0 ? {} : { triggers: own };
    return { name, version, runtime, dialect, urls: urls.urlsOf(app, environment, patterns), ...bound };
  });
}

function saidTrigger({ kind, enabled, config, waiting }: BoundTrigger) {
  return { kind, text: sayTrigger({ kind, enabled, ...config } as TriggerManifest), waiting };
}
