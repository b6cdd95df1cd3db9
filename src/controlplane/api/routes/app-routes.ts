import Type from 'typebox';
import {
  type AppDescription,
  AppDescriptionSchema,
  AppListSchema,
  type AppSummary,
} from '../../../contract/control-api.ts';
import type { Traffic } from '../../../domain/traffic.ts';
import type { AppUrls } from '../../releases/app-urls.ts';
import { deployedFunctionsOf } from '../../releases/deploy-answer.ts';
import type { LiveEnvironment } from '../../releases/live-environment.ts';
import { appNotFound } from '../../releases/releases.ts';
import { answers, answersNothing } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';
import { sees } from '../authentication.ts';

const Params = Type.Object({ app: Type.String() });

export function appRoutes(api: Api, { live, urls, releases, repositories, webhooks }: RouteDeps): void {
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
        .filter(({ record }) => sees(principal, record.app))
        .map((environment) => summaryOf(environment, urls))
        .filter((summary) => summary !== null),
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
      const environments = live
        .environmentsOf(app)
        .map((environment) => descriptionOf(environment, urls))
        .filter((description) => description !== null);
      if (environments.length === 0) throw appNotFound(app);
      return { app, environments };
    },
  });
  api.route({
    method: 'DELETE',
    url: '/v1/apps/:app',
    config: { access: 'deploy' },
    schema: {
      operationId: 'removeApp',
      summary: 'Remove an app with its environments, releases, variables and repository',
      tags: ['apps'],
      params: Params,
      response: answersNothing('It is gone'),
    },
    handler: async ({ params: { app } }, reply) => {
      await releases.remove(app);
      await repositories.remove(app);
      await webhooks.removeApp(app);
      return reply.code(204).send(null);
    },
  });
}

/** Null where nothing serves yet. */
function summaryOf({ record, stable }: LiveEnvironment, urls: AppUrls): AppSummary | null {
  if (stable === null) return null;
  const { app, environment, release, functions } = stable;
  const { kind, activatedAt, traffic } = record;
  const url = `${urls.baseOf(app, environment)}/`;
  const names = [...functions.keys()];
  return { app, environment, kind, release, canary: trialOf(traffic), activatedAt, functions: names, url };
}

function descriptionOf(
  { record, stable }: LiveEnvironment,
  urls: AppUrls,
): AppDescription['environments'][number] | null {
  if (stable === null) return null;
  const { app, environment, release } = stable;
  const { kind, activatedAt, traffic } = record;
  const routes = Map.groupBy(stable.routes, (route) => route.function);
  const functions = deployedFunctionsOf(stable, urls).map((fn) => {
    const { handler, limits, artifact } = stable.functions.get(fn.name)!;
    const own = routes.get(fn.name) ?? [];
    return {
      ...fn,
      handler: `${handler.file}#${handler.export}`,
      limits: { ...limits },
      routes: own.map(({ method, pattern }) => ({ method, pattern })),
      artifact,
    };
  });
  const url = `${urls.baseOf(app, environment)}/`;
  return { environment, kind, release, canary: trialOf(traffic), activatedAt, url, functions };
}

function trialOf({ canary }: Traffic): AppSummary['canary'] {
  return canary === null ? null : { release: canary.release, weight: canary.weight };
}
