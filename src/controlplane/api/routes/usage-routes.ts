import { UsageQuerySchema, UsageReportSchema } from '../../../contract/control-api.ts';
import { answers } from '../answers.ts';
import type { Api, RouteDeps } from '../api-deps.ts';
import { mayUse } from '../authentication.ts';

export function usageRoutes(api: Api, { usage }: RouteDeps): void {
  api.route({
    method: 'POST',
    url: '/v1/usage/report',
    config: { access: 'read' },
    schema: {
      operationId: 'reportUsage',
      summary: 'Calls, times and money, summed up by app, function or day',
      tags: ['usage'],
      body: UsageQuerySchema,
      response: answers(200, UsageReportSchema, 'The report'),
    },
    handler: ({ principal, body }) => {
      if (body.app !== undefined) mayUse(principal, body.app);
      return usage.report(body, principal.apps);
    },
  });
}
