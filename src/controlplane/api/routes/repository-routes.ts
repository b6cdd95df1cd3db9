import Type from 'typebox';
import {
  RepositoryAnswerSchema,
  type RepositoryDescription,
  RepositoryRequestSchema,
  RepositorySchema,
} from '../../../contract/git-api.ts';
import { NameSchema } from '../../../contract/manifest.ts';
import { MayflyError } from '../../../domain/errors.ts';
import type { Repository } from '../../../ports/repositories.ts';
import { answers, answersNothing } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';

const Params = Type.Object({ app: NameSchema });

export function repositoryRoutes(api: Api, { repositories }: RouteDeps): void {
  api.route({
    method: 'PUT',
    url: '/v1/apps/:app/repository',
    config: { access: 'deploy' },
    schema: {
      operationId: 'ensureRepository',
      summary: 'Make the Git repository of an app, or change its production branch',
      tags: ['git'],
      params: Params,
      body: RepositoryRequestSchema,
      response: answers(200, RepositoryAnswerSchema, 'It is there'),
    },
    handler: async ({ params: { app }, body }) => {
      const { repository, created } = await repositories.ensure(app, body.productionBranch ?? null);
      return { ...described(repository), created };
    },
  });
  api.route({
    method: 'GET',
    url: '/v1/apps/:app/repository',
    config: { access: 'read' },
    schema: {
      operationId: 'describeRepository',
      summary: 'The Git repository of an app',
      tags: ['git'],
      params: Params,
      response: answers(200, RepositorySchema, 'The repository'),
    },
    handler: async ({ params: { app } }) => {
      const repository = await repositories.find(app);
      if (repository === null) throw noRepository(app);
      return described(repository);
    },
  });
  api.route({
    method: 'DELETE',
    url: '/v1/apps/:app/repository',
    config: { access: 'deploy' },
    schema: {
      operationId: 'removeRepository',
      summary: 'Remove the Git repository of an app with its history; what is deployed stays',
      tags: ['git'],
      params: Params,
      response: answersNothing('It is gone'),
    },
    handler: async ({ params: { app } }, reply) => {
      if (!(await repositories.remove(app))) throw noRepository(app);
      return reply.code(204).send(null);
    },
  });
}

function described({ app, productionBranch }: Repository): RepositoryDescription {
  return { app, productionBranch, path: `/v1/apps/${app}/git` };
}

function noRepository(app: string): MayflyError {
  return new MayflyError('NOT_FOUND', `The app "${app}" has no repository: "mayfly git init" makes one.`);
}
