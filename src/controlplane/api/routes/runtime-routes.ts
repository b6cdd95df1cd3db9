import type { Readable } from 'node:stream';
import Type from 'typebox';
import { RuntimeListSchema, RuntimeSchema } from '../../../contract/runtime-api.ts';
import { answers, answersNothing, BytesSchema } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';
import { mayUseNode } from '../authentication.ts';

const Name = Type.Object({ runtime: Type.String({ maxLength: 64 }) });

async function* nothing(): AsyncIterable<Uint8Array> {}

/** Runtimes are the node's, and who uses them is other people's: not for tokens that are restricted to some apps. */
export function runtimeRoutes(api: Api, { runtimes, bounds }: RouteDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/runtimes',
    config: { access: 'read' },
    schema: {
      operationId: 'listRuntimes',
      summary: 'Every runtime that the node has or can fetch',
      tags: ['runtimes'],
      response: answers(200, RuntimeListSchema, 'The runtimes'),
    },
    handler: async ({ principal }) => {
      mayUseNode(principal);
      return { runtimes: runtimes.list() };
    },
  });
  api.route({
    method: 'POST',
    url: '/v1/runtimes/:runtime',
    config: { access: 'admin' },
    schema: {
      operationId: 'addRuntime',
      summary: 'Fetch the newest version of a runtime from the npm registry',
      tags: ['runtimes'],
      params: Name,
      response: answers(200, RuntimeSchema, 'The runtime'),
    },
    handler: async ({ principal, params: { runtime } }) => {
      mayUseNode(principal);
      return runtimes.add(runtime);
    },
  });
  api.route({
    method: 'DELETE',
    url: '/v1/runtimes/:runtime',
    config: { access: 'admin' },
    schema: {
      operationId: 'removeRuntime',
      summary: 'Remove a runtime that nothing live uses',
      tags: ['runtimes'],
      params: Name,
      response: answersNothing('It is removed'),
    },
    handler: async ({ principal, params: { runtime } }, reply) => {
      mayUseNode(principal);
      await runtimes.remove(runtime);
      return reply.code(204).send(null);
    },
  });
  // A scope of its own: here the body is a stream, whatever its type.
  api.register(async (streams) => {
    streams.removeAllContentTypeParsers();
    streams.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    (streams as Api).route({
      method: 'PUT',
      url: '/v1/runtimes/:runtime/package',
      config: { access: 'admin' },
      bodyLimit: bounds.blobBytesMax,
      schema: {
        operationId: 'putRuntimePackage',
        summary: 'Add a runtime from its npm package, a .tgz, for nodes that reach no registry',
        tags: ['runtimes'],
        consumes: ['application/octet-stream'],
        params: Name,
        body: BytesSchema,
        response: answers(200, RuntimeSchema, 'The runtime'),
      },
      handler: async ({ principal, params, body }) => {
        mayUseNode(principal);
        return runtimes.addPackage(params.runtime, (body as Readable | null | undefined) ?? nothing());
      },
    });
  });
}
