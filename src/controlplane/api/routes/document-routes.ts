import { answersBytes } from '../answers.ts';
import type { Api } from '../api-deps.ts';
import { openApiDocument } from '../openapi.ts';

/** The page has no script and asks nobody for anything. */
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/** Made anew at each request: rare, and the document would otherwise stay in memory for ever. */
export function documentRoutes(api: Api): void {
  api.route({
    method: 'GET',
    url: '/openapi.json',
    config: { access: 'public' },
    schema: {
      operationId: 'getOpenApi',
      summary: 'This API as OpenAPI 3.1',
      tags: ['node'],
      security: [],
      response: answersBytes('application/json', 'The document'),
    },
    handler: (_request, reply) => {
      reply.type('application/json; charset=utf-8').send(JSON.stringify(openApiDocument(api)));
    },
  });
  api.route({
    method: 'GET',
    url: '/docs',
    config: { access: 'public' },
    schema: {
      operationId: 'getDocs',
      summary: 'This API as a page to read',
      tags: ['node'],
      security: [],
      response: answersBytes('text/html', 'The page'),
    },
    handler: async (_request, reply) => {
      const { docsPage } = await import('../docs-page.ts');
      return reply
        .headers({ 'content-security-policy': PAGE_POLICY, 'x-content-type-options': 'nosniff' })
        .type('text/html; charset=utf-8')
        .send(docsPage(openApiDocument(api)));
    },
  });
}
