import Type from 'typebox';
import {
  ReleaseDescriptionSchema,
  ReleaseDiffSchema,
  ReleaseListSchema,
} from '../../../contract/release-api.ts';
import { answers } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';

const Params = Type.Object({ app: Type.String() });
const ReleaseParams = Type.Object({ app: Type.String(), release: Type.String() });

export function releaseRoutes(api: Api, { releases }: RouteDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/apps/:app/releases',
    config: { access: 'read' },
    schema: {
      operationId: 'listReleases',
      summary: 'The releases of an app that were deployed last',
      tags: ['releases'],
      params: Params,
      response: answers(200, ReleaseListSchema, 'The releases, the last deployed first'),
    },
    handler: ({ params: { app } }) => releases.list(app),
  });
  api.route({
    method: 'GET',
    url: '/v1/apps/:app/releases/:release',
    config: { access: 'read' },
    schema: {
      operationId: 'describeRelease',
      summary: 'A release with its manifest and the size of its code',
      tags: ['releases'],
      params: ReleaseParams,
      response: answers(200, ReleaseDescriptionSchema, 'The release'),
    },
    handler: ({ params: { app, release } }) => releases.describe(app, release),
  });
  api.route({
    method: 'GET',
    url: '/v1/apps/:app/releases/:release/diff',
    config: { access: 'read' },
    schema: {
      operationId: 'diffReleases',
      summary: 'What a release is, compared with another',
      tags: ['releases'],
      params: ReleaseParams,
      querystring: Type.Object(
        { against: Type.String({ description: 'the other release' }) },
        { additionalProperties: false },
      ),
      response: answers(200, ReleaseDiffSchema, 'The differences, by name'),
    },
    handler: ({ params: { app, release }, query: { against } }) => releases.diff(app, release, against),
  });
}
