import { Buffer } from 'node:buffer';
import Fastify from 'fastify';

/** The same small application as the others in this folder, in Fastify. */
export function fastifyApp(base: string) {
  const app = Fastify();
  app.get<{ Params: { name: string }; Querystring: { tag?: string | string[] } }>(
    `${base}/hello/:name`,
    async (request) => ({
      hello: request.params.name,
      tags: request.query.tag,
      via: request.headers['x-forwarded-proto'],
    }),
  );
  app.post(`${base}/echo`, async (request, reply) => reply.code(201).send(request.body));
  app.get(`${base}/cookies`, async (_request, reply) =>
    reply.header('set-cookie', ['a=1; Path=/', 'b=2; Path=/']).send('baked'),
  );
  app.get(`${base}/binary`, async (_request, reply) =>
    reply.type('image/png').send(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255])),
  );
  app.get(`${base}/fails`, async () => {
    throw new Error('on purpose');
  });
  return app;
}
