import { Readable } from 'node:stream';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { NameSchema } from '../../../contract/manifest.ts';
import { MayflyError, toMayflyError } from '../../../domain/errors.ts';
import type { GitRequest, GitService } from '../../../ports/repositories.ts';
import { answersBytes } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';
import { mayDo } from '../authentication.ts';
import { fromFastify } from '../problem.ts';

const Params = Type.Object({ app: NameSchema });
const Service = Type.Union([Type.Literal('git-upload-pack'), Type.Literal('git-receive-pack')]);
const NO_CACHE = 'no-cache, max-age=0, must-revalidate';

/**
 * Git's smart HTTP protocol (git-scm.com/docs/gitprotocol-http), served by Git itself. Errors are plain text, which Git shows to its
 * user, and the challenge is Basic, which makes it look for a password.
 */
export function gitRoutes(api: Api, deps: RouteDeps): void {
  const { repositories, gitDeployments, onDefect } = deps;
  api.register(async (scope) => {
    const git = scope as Api;
    git.removeAllContentTypeParsers();
    git.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    git.setErrorHandler<FastifyError>((thrown, request, reply) => {
      const error = thrown instanceof MayflyError ? thrown : (fromFastify(thrown) ?? toMayflyError(thrown));
      if (error.blame === 'platform' && error.code !== 'SHUTTING_DOWN') onDefect(error, request.id);
      return sendText(reply, error);
    });
    git.route({
      method: 'GET',
      url: '/v1/apps/:app/git/info/refs',
      config: { access: 'read', basic: true },
      schema: {
        operationId: 'advertiseReferences',
        summary: 'What the Git repository of an app has',
        tags: ['git'],
        params: Params,
        querystring: Type.Object({ service: Service }),
        response: answersBytes('application/x-git-upload-pack-advertisement', 'For Git'),
      },
      handler: async (request, reply) => {
        const { service } = request.query;
        if (service === 'git-receive-pack') mayDo(request.principal, 'deploy');
        const content = await repositories.advertise(request.params.app, service, protocolOf(request));
        return send(reply, `application/x-${service}-advertisement`, content);
      },
    });
    git.route({
      method: 'POST',
      url: '/v1/apps/:app/git/git-upload-pack',
      config: { access: 'read', basic: true },
      schema: gitSchema('fetch', 'Fetch from the Git repository of an app', 'git-upload-pack'),
      handler: async (request, reply) => {
        const content = await repositories.serveFetch(request.params.app, gitRequest(request, reply));
        return send(reply, 'application/x-git-upload-pack-result', content);
      },
    });
    git.route({
      method: 'POST',
      url: '/v1/apps/:app/git/git-receive-pack',
      config: { access: 'deploy', basic: true },
      schema: gitSchema('push', 'Push to the Git repository of an app, which deploys it', 'git-receive-pack'),
      handler: async (request, reply) => {
        const { app } = request.params;
        const gate = gitDeployments.gate(app, request.principal.name);
        const content = await repositories.receivePush(app, gitRequest(request, reply), gate);
        return send(reply, 'application/x-git-receive-pack-result', content);
      },
    });
  });
}

function gitSchema(operationId: string, summary: string, service: GitService) {
  return {
    operationId,
    summary,
    tags: ['git'],
    consumes: [`application/x-${service}-request`],
    params: Params,
    body: Type.Unknown(),
    response: answersBytes(`application/x-${service}-result`, 'For Git'),
  };
}

function gitRequest(request: FastifyRequest, reply: FastifyReply): GitRequest {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return {
    content: request.body as Readable,
    gzip: ['gzip', 'x-gzip'].includes(String(request.headers['content-encoding'] ?? '')),
    protocol: protocolOf(request),
    signal: gone.signal,
  };
}

function protocolOf({ headers }: FastifyRequest): string | null {
  const header = headers['git-protocol'];
  return typeof header === 'string' ? header : null;
}

function send(reply: FastifyReply, type: string, content: AsyncIterable<Uint8Array>): FastifyReply {
  return reply
    .header('cache-control', NO_CACHE)
    .type(type)
    .send(Readable.from(content, { objectMode: false }));
}

function sendText(reply: FastifyReply, error: MayflyError): FastifyReply {
  if (error.status === 401) reply.header('www-authenticate', 'Basic realm="mayfly", charset="UTF-8"');
  if (!reply.request.raw.complete) reply.header('connection', 'close');
  const detail = error.code === 'INTERNAL' ? 'The node failed to handle the request.' : error.message;
  return reply
    .code(error.status)
    .type('text/plain; charset=utf-8')
    .send(`${detail} [${error.code}]\n${error.hint}\n`);
}
