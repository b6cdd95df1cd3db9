import Type from 'typebox';
import { NameSchema } from '../../../contract/manifest.ts';
import { NotifyAnswerSchema, NotifyListSchema, NotifyRequestSchema } from '../../../contract/notify-api.ts';
import { answers, answersNothing } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';

const Params = Type.Object({ app: NameSchema });

export function notifyRoutes(api: Api, { notifications }: RouteDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/apps/:app/notifications',
    config: { access: 'read' },
    schema: {
      operationId: 'listNotifications',
      summary: 'Who is told of what is done to the environments of an app',
      tags: ['git'],
      params: Params,
      response: answers(200, NotifyListSchema, 'Them, without their secrets'),
    },
    handler: async ({ params: { app } }) => ({ targets: await notifications.list(app) }),
  });
  api.route({
    method: 'POST',
    url: '/v1/apps/:app/notifications',
    config: { access: 'deploy' },
    schema: {
      operationId: 'addNotification',
      summary: 'Tell an address of every deploy, activation, canary and rollback of an app',
      tags: ['git'],
      params: Params,
      body: NotifyRequestSchema,
      response: answers(201, NotifyAnswerSchema, 'It is told from now on'),
    },
    handler: async ({ params: { app }, body }, reply) =>
      reply.code(201).send(await notifications.add(app, body)),
  });
  api.route({
    method: 'DELETE',
    url: '/v1/apps/:app/notifications/:id',
    config: { access: 'deploy' },
    schema: {
      operationId: 'removeNotification',
      summary: 'Tell an address no more',
      tags: ['git'],
      params: Type.Object({ app: NameSchema, id: Type.String() }),
      response: answersNothing('It is told no more'),
    },
    handler: async ({ params: { app, id } }, reply) => {
      await notifications.remove(app, id);
      return reply.code(204).send(null);
    },
  });
}
