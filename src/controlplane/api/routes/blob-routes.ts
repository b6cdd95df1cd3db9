import type { Readable } from 'node:stream';
import Type from 'typebox';
import { MissingAnswerSchema, MissingRequestSchema } from '../../../contract/control-api.ts';
import { Sha256Schema } from '../../../contract/manifest.ts';
import { MayflyError } from '../../../domain/errors.ts';
import { answers, answersNothing, BytesSchema } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';

export function blobRoutes(api: Api, { artifacts, bounds }: RouteDeps): void {
  api.route({
    method: 'POST',
    url: '/v1/blobs/missing',
    config: { access: 'deploy' },
    schema: {
      operationId: 'findMissingBlobs',
      summary: 'Which of these files the node does not have yet',
      tags: ['blobs'],
      body: MissingRequestSchema,
      response: answers(200, MissingAnswerSchema, 'Those to upload'),
    },
    handler: async ({ body }) => ({ missing: await artifacts.missing(body.sha256) }),
  });

  // A scope of its own: here every body is a stream, whatever its type.
  api.register(async (streams) => {
    streams.removeAllContentTypeParsers();
    streams.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    (streams as Api).route({
      method: 'PUT',
      url: '/v1/blobs/:sha256',
      config: { access: 'deploy' },
      bodyLimit: bounds.blobBytesMax,
      schema: {
        operationId: 'putBlob',
        summary: 'Upload one file, named by the SHA-256 of its bytes',
        description: 'Needs Content-Length. Streams to disk and is there only when whole.',
        tags: ['blobs'],
        consumes: ['application/octet-stream'],
        params: Type.Object({ sha256: Sha256Schema }),
        body: BytesSchema,
        response: answersNothing('It is there'),
      },
      handler: async (request, reply) => {
        const bytes = lengthOf(request.headers['content-length'], bounds.blobBytesMax);
        const content = (request.body as Readable | null | undefined) ?? emptyContent();
        await artifacts.putBlob(request.params.sha256, bytes, content);
        return reply.code(204).send(null);
      },
    });
  });
}

function lengthOf(header: string | undefined, bytesMax: number): number {
  if (header === undefined) throw new MayflyError('BAD_REQUEST', 'A blob needs Content-Length.');
  const bytes = Number(header);
  if (bytes > bytesMax)
    throw new MayflyError('BODY_TOO_LARGE', `A blob may have ${bytesMax} bytes, not ${bytes}.`);
  return bytes;
}

async function* emptyContent(): AsyncIterable<Uint8Array> {}
