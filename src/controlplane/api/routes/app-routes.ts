import Type from 'typebox';
import {
  type AppDescription,
  AppDescriptionSchema,
  AppListSchema,
  type AppSummary,
} from '../../../contract/control-api.ts';
import type { DeployedFunction } from '../../../contract/release-api.ts';
import type { FunctionVersion } from '../../../domain/function-version.ts';
import type { AppUrls } from '../../releases/app-urls.ts';
import type { LiveEnvironment } from '../../releases/live-apps.ts';
import { appNotFound } from '../../releases/releases.ts';
import { answers, answersNothing } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';
import { sees } from '../authentication.ts';

const Params = Type.Object({ app: Type.String() });

export function appRoutes(api: Api, { live, urls, releases }: RouteDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/apps',
    config: { access: 'read' },
    schema: {
      operationId: 'listApps',
      summary: 'Every app that the token may see, one entry an environment',
      tags: ['apps'],
      response: answers(200, AppListSchema, 'The apps'),
    },
    handler: ({ principal }) => ({
      apps: live
        .list()
        .filter(({ snapshot }) => sees(principal, snapshot.app))
        .map((environment) => summaryOf(environment, urls)),
    }),
  });
  api.route({
    method: 'GET',
    url: '/v1/apps/:app',
    config: { access: 'read' },
    schema: {
      operationId: 'describeApp',
      summary: 'An app with its environments, functions, limits and routes',
      tags: ['apps'],
      params: Params,
      response: answers(200, AppDescriptionSchema, 'The app'),
    },
    handler: ({ params: { app } }) => {
      const environments = live.environmentsOf(app);
      if (environments.length === 0) throw appNotFound(app);
      return { app, environments: environments.map((environment) => descriptionOf(environment, urls)) };
    },
  });
  api.route({
    method: 'DELETE',
    url: '/v1/apps/:app',
    config: { access: 'deploy' },
    schema: {
      operationId: 'removeApp',
      summary: 'Remove an app with its environments, releases and variables',
      tags: ['apps'],
      params: Params,
      response: answersNothing('It is gone'),
    },
    handler: async ({ params: { app } }, reply) => {
      await releases.remove(app);
      return reply.code(204).send(null);
    },
  });
}

function summaryOf({ snapshot, activatedAt }: LiveEnvironment, urls: AppUrls): AppSummary {
  const { app, environment, release, functions } = snapshot;
  const url = `${urls.baseOf(app, environment)}/`;
  return { app, environment, release, activatedAt, functions: [...functions.keys()], url };
}

function descriptionOf(live: LiveEnvironment, urls: AppUrls): AppDescription['environments'][number] {
  const { snapshot, activatedAt } = live;
  const { app, environment, release } = snapshot;
  const routes = Map.groupBy(snapshot.routes, (route) => route.function);
  const deployed = deployedFunctionsOf(live, urls);
  const functions = deployed.map((fn) => {
    const { handler, limits, artifact } = snapshot.functions.get(fn.name)!;
    const own = routes.get(fn.name) ?? [];
    return {
      ...fn,
      handler: `${handler.file}#${handler.export}`,
      limits: { ...limits },
      routes: own.map(({ method, pattern }) => ({ method, pattern })),
      artifact,
    };
  });
  return { environment, release, activatedAt, url: `${urls.baseOf(app, environment)}/`, functions };
}

/** The functions of an environment as a deploy answers them. */
export function deployedFunctionsOf({ snapshot }: LiveEnvironment, urls: AppUrls): DeployedFunction[] {
  const { app, environment, functions } = snapshot;
  const routes = Map.groupBy(snapshot.routes, (route) => route.function);
  return [...functions.values()].map(({ name, version, runtime, dialect }: FunctionVersion) => {
    const patterns = (routes.get(name) ?? []).map(({ pattern }) => pattern);
    return { name, version, runtime, dialect, urls: urls.urlsOf(app, environment, patterns) };
  });
}
