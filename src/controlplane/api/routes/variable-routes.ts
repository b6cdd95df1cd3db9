import Type from 'typebox';
import {
  VariableChangeAnswerSchema,
  VariableChangeSchema,
  VariableListSchema,
} from '../../../contract/control-api.ts';
import { NameSchema } from '../../../contract/manifest.ts';
import { answers } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';

const URL = '/v1/apps/:app/environments/:environment/variables';
const Params = Type.Object({ app: NameSchema, environment: NameSchema });

export function variableRoutes(api: Api, { variables }: RouteDeps): void {
  api.route({
    method: 'GET',
    url: URL,
    config: { access: 'deploy' },
    schema: {
      operationId: 'listVariables',
      summary: 'Variables and secrets of an environment; a secret never shows its value',
      tags: ['variables'],
      params: Params,
      response: answers(200, VariableListSchema, 'The variables'),
    },
    handler: async ({ params: { app, environment } }) => ({
      variables: await variables.list(app, environment),
    }),
  });
  api.route({
    method: 'PUT',
    url: URL,
    config: { access: 'deploy' },
    schema: {
      operationId: 'changeVariables',
      summary: 'Unset and set variables and secrets in one step; functions get them at once',
      description:
        'What is set beats the manifest, and what is set for one function beats what is set for all. A name to unset goes for all functions and for each.',
      tags: ['variables'],
      params: Params,
      body: VariableChangeSchema,
      response: answers(200, VariableChangeAnswerSchema, 'How many changed'),
    },
    handler: async ({ params: { app, environment }, body }) => ({
      changed: await variables.change(app, environment, body),
    }),
  });
}
