import { Buffer } from 'node:buffer';
import { Hono } from 'hono';

/** The same small application as the others in this folder, in Hono. */
export function honoApp(base: string) {
  const app = new Hono().basePath(base);
  app.get('/hello/:name', (c) =>
    c.json({
      hello: c.req.param('name'),
      tags: c.req.queries('tag'),
      via: c.req.header('x-forwarded-proto'),
    }),
  );
  app.post('/echo', async (c) => c.json(await c.req.json(), 201));
  app.get('/cookies', (c) => {
    c.header('set-cookie', 'a=1; Path=/');
    c.header('set-cookie', 'b=2; Path=/', { append: true });
    return c.text('baked');
  });
  app.get('/binary', (c) => {
    c.header('content-type', 'image/png');
    return c.body(new Uint8Array(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255])));
  });
  app.get('/fails', () => {
    throw new Error('on purpose');
  });
  return app;
}
