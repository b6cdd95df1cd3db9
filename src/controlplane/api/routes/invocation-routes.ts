import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import { InvocationHeaders } from '../../../contract/control-api.ts';
import { MayflyError } from '../../../domain/errors.ts';
import type { EventResult } from '../../../ports/invoker.ts';
import { answersBytes, BytesSchema } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';

export function invocationRoutes(api: Api, { invoker, bounds, clock }: RouteDeps): void {
  // A scope of its own: here every body is bytes, whatever its type.
  api.register(async (bytes) => {
    bytes.removeAllContentTypeParsers();
    bytes.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    (bytes as Api).route({
      method: 'POST',
      url: '/v1/apps/:app/environments/:environment/functions/:function/invocations',
      config: { access: 'invoke' },
      bodyLimit: bounds.invocationBytesMax,
      schema: {
        operationId: 'invokeFunction',
        summary: 'Call a function with these bytes and answer its result',
        description: `What the call took stands in ${Object.values(InvocationHeaders).join(', ')}. A failure of the function is a problem with what it reported in details.`,
        tags: ['invocations'],
        consumes: ['*/*'],
        params: Type.Object({ app: Type.String(), environment: Type.String(), function: Type.String() }),
        body: BytesSchema,
        response: answersBytes('*/*', 'What the function returned'),
      },
      handler: async (request, reply) => {
        const { app, environment, function: fn } = request.params;
        const requestId = request.id;
        const gone = new AbortController();
        reply.raw.once('close', () => gone.abort());
        const result = await invoker.invoke({
          app,
          environment,
          function: fn,
          trigger: 'invoke',
          event: envelopeOf(requestId, clock.wall(), request.headers['content-type']),
          body: (request.body as Buffer | null | undefined) ?? Buffer.alloc(0),
          requestId,
          signal: gone.signal,
          ...(typeof request.headers.traceparent === 'string'
            ? { traceparent: request.headers.traceparent }
            : {}),
        });
        tell(reply, result);
        if (result.outcome !== 'ok') throw failureOf(result);
        return reply.type(result.contentType).send(result.body);
      },
    });
  });
}

/** The event of a direct call (CloudEvents 1.0), without its data. */
function envelopeOf(id: string, now: number, contentType: string | undefined): Record<string, unknown> {
  return {
    specversion: '1.0',
    id,
    source: '/mayfly/control',
    type: 'mayfly.invoke',
    time: new Date(now).toISOString(),
    ...(contentType === undefined ? {} : { datacontenttype: contentType }),
  };
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
