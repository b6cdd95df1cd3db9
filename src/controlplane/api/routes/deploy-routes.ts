import type { FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import {
  DeployAnswerSchema,
  type DeployEvent,
  DeployEventSchema,
  type DeployRequest,
  DeployRequestSchema,
} from '../../../contract/release-api.ts';
import { toMayflyError } from '../../../domain/errors.ts';
import { answers } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';
import { problemOf } from '../problem.ts';

const NDJSON = 'application/x-ndjson';

export function deployRoutes(api: Api, deps: RouteDeps): void {
  const { 200: live, ...problems } = answers(200, DeployAnswerSchema, 'It is done');
  const content = { ...live.content, [NDJSON]: { schema: DeployEventSchema } };
  api.route({
    method: 'POST',
    url: '/v1/apps/:app/releases',
    config: { access: 'deploy' },
    schema: {
      operationId: 'deploy',
      summary: 'Make an immutable release and serve it: all of it at once, or nothing',
      description: `Every blob that the artifacts name must have been uploaded. Makes the app and the environment when they are new. Whoever accepts ${NDJSON} gets a line for each stage as it begins, and a last one with the answer or the problem; the deploy goes on when the client leaves.`,
      tags: ['releases'],
      params: Type.Object({ app: Type.String() }),
      body: DeployRequestSchema,
      response: { 200: { ...live, content }, ...problems },
    },
    handler: async (request, reply) => {
      const { params, body, principal, headers } = request;
      if (headers.accept?.includes(NDJSON) !== true)
        return await deps.deploys.deploy(params.app, body, principal.name);
      await deployTelling(request, reply, { app: params.app, body }, deps);
      return reply;
    },
  });
}

/** Tells the stages as they come. Headers are out before the first: whatever goes wrong is the last line. */
async function deployTelling(
  request: FastifyRequest,
  reply: FastifyReply,
  { app, body }: { readonly app: string; readonly body: DeployRequest },
  { deploys, clock, onDefect }: RouteDeps,
): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  raw.on('error', () => {});
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': NDJSON,
    'cache-control': 'no-store',
  });
  // A few short lines: they fit into the socket's buffer, read or not. Nobody may be there any more.
  const tell = (event: DeployEvent): void => {
    if (raw.writable) raw.write(`${JSON.stringify(event)}\n`);
  };
  try {
    const answer = await deploys.deploy(app, body, request.principal.name, (stage, message) =>
      tell({ event: 'stage', stage, at: clock.wall(), message }),
    );
    tell({ event: 'done', at: clock.wall(), answer });
  } catch (thrown) {
    const error = toMayflyError(thrown);
    if (error.blame === 'platform' && error.code !== 'SHUTTING_DOWN') onDefect(error, request.id);
    tell({ event: 'failed', at: clock.wall(), problem: problemOf(error, request.id) });
  }
  raw.end();
}
