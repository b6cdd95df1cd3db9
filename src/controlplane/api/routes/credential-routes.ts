import { CredentialsSchema } from '../../../contract/credentials-api.ts';
import { MayflyError } from '../../../domain/errors.ts';
import { answers } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';

const ANY_ADDRESS = /(?<=^http:\/\/)(0\.0\.0\.0|\[::\])(?=:|$)/;

/** A token in the form in which AWS's tools want it: the same rights, and dead with it. */
export function credentialRoutes(api: Api, { accessKeys, edgeUrl }: RouteDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/credentials',
    config: { access: 'read' },
    schema: {
      operationId: 'getCredentials',
      summary: 'The access key that signs what this token may do on the edge port',
      tags: ['tokens'],
      response: answers(200, CredentialsSchema, 'The credentials'),
    },
    handler: async ({ principal, hostname }) => {
      const key = await accessKeys.keyOf(principal);
      if (key === null) throw new MayflyError('TOKEN_INVALID', 'The token is not valid any more.');
      // A node that listens everywhere was reached by the name that the client knows it by.
      const endpointUrl = edgeUrl().replace(ANY_ADDRESS, hostname);
      return { ...key, region: accessKeys.region, endpointUrl, role: principal.role };
    },
  });
}
