import { LogLineSchema, LogQuerySchema } from '../../../contract/control-api.ts';
import { answersBytes } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';
import { mayUse } from '../authentication.ts';
import { sendNdjson } from '../ndjson-stream.ts';

const NDJSON = 'application/x-ndjson';

export function logRoutes(api: Api, { logs, bounds, closing }: RouteDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/logs',
    config: { access: 'read' },
    schema: {
      operationId: 'readLogs',
      summary: 'Log lines, oldest first, one JSON object a line; with follow it does not end',
      tags: ['logs'],
      querystring: LogQuerySchema,
      response: answersBytes(NDJSON, 'The lines', LogLineSchema),
    },
    handler: async ({ query, principal }, reply) => {
      if (query.app !== undefined) mayUse(principal, query.app);
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const signal = AbortSignal.any([gone.signal, closing]);
      reply.hijack();
      reply.raw.writeHead(200, { 'content-type': NDJSON, 'cache-control': 'no-store' });
      // The client sees that it is connected even while there is no line.
      reply.raw.flushHeaders();
      await sendNdjson(
        reply.raw,
        logs.query(query, { apps: principal.apps, signal }),
        bounds.stalledClientMs,
      );
    },
  });
}
