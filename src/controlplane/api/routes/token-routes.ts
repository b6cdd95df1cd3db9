import Type from 'typebox';
import { TokenAnswerSchema, TokenListSchema, TokenRequestSchema } from '../../../contract/control-api.ts';
import { answers, answersNothing } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';
import { mayUseNode } from '../authentication.ts';

/** Tokens concern the whole node: who is restricted to some apps could make itself one that is not. */
export function tokenRoutes(api: Api, { tokens }: RouteDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/tokens',
    config: { access: 'admin' },
    schema: {
      operationId: 'listTokens',
      summary: 'Every token that was made, without its text',
      tags: ['tokens'],
      response: answers(200, TokenListSchema, 'The tokens'),
    },
    handler: async ({ principal }) => {
      mayUseNode(principal);
      return { tokens: await tokens.list() };
    },
  });
  api.route({
    method: 'POST',
    url: '/v1/tokens',
    config: { access: 'admin' },
    schema: {
      operationId: 'createToken',
      summary: 'Make a token; its text is answered this once',
      tags: ['tokens'],
      body: TokenRequestSchema,
      response: answers(201, TokenAnswerSchema, 'The token'),
    },
    handler: async ({ principal, body }, reply) => {
      mayUseNode(principal);
      return reply.code(201).send(await tokens.create(body));
    },
  });
  api.route({
    method: 'DELETE',
    url: '/v1/tokens/:id',
    config: { access: 'admin' },
    schema: {
      operationId: 'revokeToken',
      summary: 'Revoke a token, at once',
      tags: ['tokens'],
      params: Type.Object({ id: Type.String() }),
      response: answersNothing('It is revoked'),
    },
    handler: async ({ principal, params: { id } }, reply) => {
      mayUseNode(principal);
      await tokens.revoke(id);
      return reply.code(204).send(null);
    },
  });
}
