import Type from 'typebox';
import { NameSchema } from '../../../contract/manifest.ts';
import {
  CanaryRequestSchema,
  CloneRequestSchema,
  EnvironmentDescriptionSchema,
  EnvironmentListSchema,
  PromoteRequestSchema,
  RollbackRequestSchema,
  TrafficAnswerSchema,
} from '../../../contract/release-api.ts';
import { answers, answersNothing } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';

const URL = '/v1/apps/:app/environments/:environment';
const Params = Type.Object({ app: NameSchema, environment: NameSchema });
const served = answers(200, TrafficAnswerSchema, 'What is served now');

export function environmentRoutes(api: Api, deps: RouteDeps): void {
  lookRoutes(api, deps);
  trafficRoutes(api, deps);
  const { environments } = deps;
  api.route({
    method: 'POST',
    url: `${URL}/clone`,
    config: { access: 'deploy' },
    schema: {
      operationId: 'cloneEnvironment',
      summary: 'Make an environment with the release and the variables of this one',
      tags: ['environments'],
      params: Params,
      body: CloneRequestSchema,
      response: answers(200, EnvironmentDescriptionSchema, 'The new environment'),
    },
    handler: ({ params: { app, environment }, body, principal }) =>
      environments.clone(app, environment, body, principal.name),
  });
  api.route({
    method: 'DELETE',
    url: URL,
    config: { access: 'deploy' },
    schema: {
      operationId: 'removeEnvironment',
      summary: 'Remove an environment with its variables and its history; production goes only with the app',
      tags: ['environments'],
      params: Params,
      response: answersNothing('It is gone'),
    },
    handler: async ({ params: { app, environment } }, reply) => {
      await environments.remove(app, environment);
      return reply.code(204).send(null);
    },
  });
}

function lookRoutes(api: Api, { environments }: RouteDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/apps/:app/environments',
    config: { access: 'read' },
    schema: {
      operationId: 'listEnvironments',
      summary: 'The environments of an app, and what each serves',
      tags: ['environments'],
      params: Type.Object({ app: NameSchema }),
      response: answers(200, EnvironmentListSchema, 'The environments, by name'),
    },
    handler: ({ params: { app } }) => environments.list(app),
  });
  api.route({
    method: 'GET',
    url: URL,
    config: { access: 'read' },
    schema: {
      operationId: 'describeEnvironment',
      summary: 'What an environment serves, how its canary fares, and what was done to it',
      tags: ['environments'],
      params: Params,
      response: answers(200, EnvironmentDescriptionSchema, 'The environment'),
    },
    handler: ({ params: { app, environment } }) => environments.describe(app, environment),
  });
}

function trafficRoutes(api: Api, { environments }: RouteDeps): void {
  api.route({
    method: 'POST',
    url: `${URL}/promote`,
    config: { access: 'deploy' },
    schema: {
      operationId: 'promote',
      summary: 'Serve a release that is kept already, to everybody or as a canary',
      tags: ['environments'],
      params: Params,
      body: PromoteRequestSchema,
      response: served,
    },
    handler: ({ params: { app, environment }, body, principal }) =>
      environments.promote(app, environment, body, principal.name),
  });
  api.route({
    method: 'POST',
    url: `${URL}/rollback`,
    config: { access: 'deploy' },
    schema: {
      operationId: 'rollBack',
      summary: 'Serve again what was stable before; ends a canary',
      tags: ['environments'],
      params: Params,
      body: RollbackRequestSchema,
      response: served,
    },
    handler: ({ params: { app, environment }, body, principal }) =>
      environments.rollback(app, environment, body, principal.name),
  });
  api.route({
    method: 'POST',
    url: `${URL}/canary`,
    config: { access: 'deploy' },
    schema: {
      operationId: 'changeCanary',
      summary: 'Change the weight of a canary, let its steps wait or go on, finish or abort it',
      tags: ['environments'],
      params: Params,
      body: CanaryRequestSchema,
      response: served,
    },
    handler: ({ params: { app, environment }, body, principal }) =>
      environments.canary(app, environment, body, principal.name),
  });
}
