import Type from 'typebox';
import { StatusSchema } from '../../../contract/control-api.ts';
import { answers } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';

export function statusRoutes(api: Api, { status }: RouteDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/status',
    config: { access: 'read' },
    schema: {
      operationId: 'getStatus',
      summary: 'What this node is and does right now',
      tags: ['node'],
      response: answers(200, StatusSchema, 'The status'),
    },
    handler: () => status(),
  });
  api.route({
    method: 'GET',
    url: '/healthz',
    exposeHeadRoute: true,
    config: { access: 'public' },
    schema: {
      operationId: 'getHealth',
      summary: 'Whether the control API answers',
      tags: ['node'],
      security: [],
      response: answers(200, Type.Object({ status: Type.Literal('ok') }), 'It does'),
    },
    handler: () => ({ status: 'ok' as const }),
  });
}
