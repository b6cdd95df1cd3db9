import type { FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import {
  AsyncAnswerSchema,
  DeadInvocationListSchema,
  InvocationHeaders,
  InvocationQuerySchema,
} from '../../../contract/control-api.ts';
import { RELEASE_HEADER } from '../../../contract/release-header.ts';
import { MayflyError } from '../../../domain/errors.ts';
import type { EventResult } from '../../../ports/invoker.ts';
import { appNotFound } from '../../releases/releases.ts';
import { answers, answersBytes, BytesSchema } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';

interface Target {
  readonly app: string;
  readonly environment: string;
  readonly function: string;
}

export function invocationRoutes(api: Api, deps: RouteDeps): void {
  // A scope of its own: here every body is bytes, whatever its type.
  api.register(async (bytes) => {
    bytes.removeAllContentTypeParsers();
    bytes.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    invokeRoute(bytes as Api, deps);
  });
  api.route({
    method: 'GET',
    url: '/v1/apps/:app/environments/:environment/dead-invocations',
    config: { access: 'read' },
    schema: {
      operationId: 'listDeadInvocations',
      summary: 'The newest asynchronous calls that were given up, and why',
      tags: ['invocations'],
      params: Type.Object({ app: Type.String(), environment: Type.String() }),
      response: answers(200, DeadInvocationListSchema, 'The calls'),
    },
    handler: async ({ params: { app, environment } }) => {
      const dead = await deps.asyncInvoker.dead(app, environment);
      return {
        invocations: dead.map(({ id, failure, ...rest }) => ({
          requestId: id,
          ...rest,
          error: { ...failure },
        })),
      };
    },
  });
}

function invokeRoute(api: Api, deps: RouteDeps): void {
  api.route({
    method: 'POST',
    url: '/v1/apps/:app/environments/:environment/functions/:function/invocations',
    config: { access: 'invoke' },
    bodyLimit: deps.bounds.invocationBytesMax,
    schema: {
      operationId: 'invokeFunction',
      summary: 'Call a function with these bytes and answer its result',
      description: `What the call took stands in ${Object.values(InvocationHeaders).join(', ')}. A failure of the function is a problem with what it reported in details. With async, the answer comes as soon as the call is on disk; it is then made at least once, and again when it fails, always in one release. The request header ${RELEASE_HEADER} asks for a release as it does at the gateway.`,
      tags: ['invocations'],
      consumes: ['*/*'],
      params: Type.Object({ app: Type.String(), environment: Type.String(), function: Type.String() }),
      querystring: InvocationQuerySchema,
      body: BytesSchema,
      response: {
        ...answersBytes('*/*', 'What the function returned'),
        ...answers(202, AsyncAnswerSchema, 'The call is on disk'),
      },
    },
    handler: async (request, reply) => {
      const body = (request.body as Buffer | null | undefined) ?? Buffer.alloc(0);
      if (request.query.async === true) return await enqueue(request, request.params, body, reply, deps);
      return await invoke(request, request.params, body, reply, deps);
    },
  });
}

async function invoke(
  request: FastifyRequest,
  target: Target,
  body: Buffer,
  reply: FastifyReply,
  { invoker, clock }: RouteDeps,
): Promise<FastifyReply> {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const traceparent = traceparentOf(request);
  const wish = wishOf(request);
  const { app, environment } = target;
  const release = wish === undefined ? null : invoker.releaseFor(app, environment, request.id, wish);
  const result = await invoker.invoke({
    ...target,
    release,
    trigger: 'invoke',
    event: envelopeOf(request, clock.wall()),
    body,
    requestId: request.id,
    signal: gone.signal,
    ...(traceparent === null ? {} : { traceparent }),
  });
  tell(reply, result);
  if (result.outcome !== 'ok') throw failureOf(result);
  return reply.type(result.contentType).send(result.body);
}

async function enqueue(
  request: FastifyRequest,
  { app, environment, function: fn }: Target,
  body: Buffer,
  reply: FastifyReply,
  { asyncInvoker, invoker, live, bounds, clock }: RouteDeps,
): Promise<FastifyReply> {
  if (body.length > bounds.asyncBytesMax) {
    throw new MayflyError('BODY_TOO_LARGE', `An asynchronous call may carry ${bounds.asyncBytesMax} bytes.`);
  }
  const serving = live.find(app, environment);
  if (serving === null) throw appNotFound(app);
  // It belongs to this release from now on, however often it has to be made.
  const release = invoker.releaseFor(app, environment, request.id, wishOf(request));
  const track = serving.canary?.release === release ? serving.canary : serving.stable;
  if (track?.functions.has(fn) !== true)
    throw new MayflyError('NOT_FOUND', `"${app}" has no function "${fn}".`);
  const now = clock.wall();
  await asyncInvoker.enqueue({
    id: request.id,
    app,
    environment,
    function: fn,
    release,
    event: envelopeOf(request, now),
    body,
    traceparent: traceparentOf(request),
    enqueuedAt: now,
  });
  return reply.code(202).send({ requestId: request.id });
}

/** The event of a direct call (CloudEvents 1.0), without its data. */
function envelopeOf(request: FastifyRequest, now: number): Record<string, unknown> {
  const contentType = request.headers['content-type'];
  return {
    specversion: '1.0',
    id: request.id,
    source: '/mayfly/control',
    type: 'mayfly.invoke',
    time: new Date(now).toISOString(),
    ...(contentType === undefined ? {} : { datacontenttype: contentType }),
  };
}

/** By which release the call wants to be served, as at the gateway. */
function wishOf(request: FastifyRequest): string | undefined {
  const wish = request.headers[RELEASE_HEADER];
  return typeof wish === 'string' ? wish : undefined;
}

function traceparentOf(request: FastifyRequest): string | null {
  const { traceparent } = request.headers;
  return typeof traceparent === 'string' ? traceparent : null;
}

function tell(reply: FastifyReply, result: EventResult): void {
  reply.headers({
    [InvocationHeaders.requestId]: result.requestId,
    [InvocationHeaders.outcome]: result.outcome,
    [InvocationHeaders.cold]: String(result.cold),
    [InvocationHeaders.durationMs]: String(result.durationMs),
    [InvocationHeaders.billedMs]: String(result.billedMs),
  });
}

/** Whoever may invoke may also read the function's logs, so that the stack is no secret here. */
function failureOf({ outcome, error }: EventResult): MayflyError {
  const code = outcome === 'ok' ? 'INTERNAL' : outcome;
  const message = error === null ? `The call ended with ${code}.` : `${error.name}: ${error.message}`;
  return new MayflyError(code, message, error === null ? {} : { details: { error } });
}
