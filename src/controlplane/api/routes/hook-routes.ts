import Type from 'typebox';
import {
  HookAnswerSchema,
  HookListSchema,
  HookReceiptSchema,
  HookRequestSchema,
} from '../../../contract/hook-api.ts';
import { NameSchema } from '../../../contract/manifest.ts';
import { answers, answersNothing } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';

const Params = Type.Object({ app: NameSchema });
const HookParams = Type.Object({ app: NameSchema, id: Type.String({ maxLength: 64 }) });

export function hookRoutes(api: Api, deps: RouteDeps): void {
  const { hooks } = deps;
  api.route({
    method: 'GET',
    url: '/v1/apps/:app/hooks',
    config: { access: 'read' },
    schema: {
      operationId: 'listHooks',
      summary: 'The hooks of an app, and what became of the last deliveries',
      tags: ['git'],
      params: Params,
      response: answers(200, HookListSchema, 'The hooks, without their secrets'),
    },
    handler: async ({ params: { app } }) => ({ hooks: await hooks.list(app) }),
  });
  api.route({
    method: 'POST',
    url: '/v1/apps/:app/hooks',
    config: { access: 'deploy' },
    schema: {
      operationId: 'addHook',
      summary: 'Deploy what is pushed to a repository at GitHub, GitLab or Gitea',
      tags: ['git'],
      params: Params,
      body: HookRequestSchema,
      response: answers(201, HookAnswerSchema, 'What the host must be told'),
    },
    handler: async ({ params: { app }, body }, reply) => reply.code(201).send(await hooks.add(app, body)),
  });
  api.route({
    method: 'DELETE',
    url: '/v1/apps/:app/hooks/:id',
    config: { access: 'deploy' },
    schema: {
      operationId: 'removeHook',
      summary: 'Take no more deliveries',
      tags: ['git'],
      params: HookParams,
      response: answersNothing('It is gone'),
    },
    handler: async ({ params: { app, id } }, reply) => {
      await hooks.remove(app, id);
      return reply.code(204).send(null);
    },
  });
  deliveryRoute(api, deps);
}

/** A scope of its own: a signature is over the bytes as they came. */
function deliveryRoute(api: Api, { hooks, bounds }: RouteDeps): void {
  api.register(async (scope) => {
    const bytes = scope as Api;
    bytes.removeAllContentTypeParsers();
    bytes.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    bytes.route({
      method: 'POST',
      url: '/v1/hooks/:app/:id',
      config: { access: 'public' },
      bodyLimit: bounds.hookBytesMax,
      schema: {
        operationId: 'deliver',
        summary:
          'What a Git host reports, signed with the secret of the hook; the deploy goes on after the answer',
        tags: ['git'],
        security: [],
        consumes: ['application/json'],
        params: HookParams,
        body: Type.Unknown(),
        response: answers(202, HookReceiptSchema, 'It is taken'),
      },
      handler: async (request, reply) => {
        const { app, id } = request.params;
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const receipt = await hooks.receive(app, id, { headers: request.headers, body });
        return reply.code(202).send(receipt);
      },
    });
  });
}
