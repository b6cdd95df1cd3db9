import Type from 'typebox';
import { DeployAnswerSchema, DeployRequestSchema, ReleaseListSchema } from '../../../contract/release-api.ts';
import { answers } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';
import { deployedFunctionsOf } from './app-routes.ts';

const Params = Type.Object({ app: Type.String() });

export function releaseRoutes(api: Api, { releases, urls }: RouteDeps): void {
  api.route({
    method: 'POST',
    url: '/v1/apps/:app/releases',
    config: { access: 'deploy' },
    schema: {
      operationId: 'deploy',
      summary: 'Make an immutable release and serve it: all of it at once, or nothing',
      description:
        'Every blob that the artifacts name must have been uploaded. Makes the app when it is new.',
      tags: ['releases'],
      params: Params,
      body: DeployRequestSchema,
      response: answers(200, DeployAnswerSchema, 'It is live'),
    },
    handler: async ({ params: { app }, body, principal }) => {
      const live = await releases.deploy(app, body, principal.name);
      const { environment, release } = live.snapshot;
      return {
        app,
        environment,
        release,
        state: 'live' as const,
        functions: deployedFunctionsOf(live, urls),
      };
    },
  });
  api.route({
    method: 'GET',
    url: '/v1/apps/:app/releases',
    config: { access: 'read' },
    schema: {
      operationId: 'listReleases',
      summary: 'The newest releases of an app',
      tags: ['releases'],
      params: Params,
      response: answers(200, ReleaseListSchema, 'The releases, newest first'),
    },
    handler: ({ params: { app } }) => releases.list(app),
  });
}
