import { Buffer } from 'node:buffer';
import express from 'express';

/** The same small application as the others in this folder, in Express. */
export function expressApp(base: string) {
  const app = express();
  const routes = express.Router();
  routes.use(express.json());
  routes.get('/hello/:name', (req, res) => {
    res.json({ hello: req.params.name, tags: req.query.tag, via: req.get('x-forwarded-proto') });
  });
  routes.post('/echo', (req, res) => {
    res.status(201).json(req.body);
  });
  routes.get('/cookies', (_req, res) => {
    res.cookie('a', '1').cookie('b', '2').send('baked');
  });
  routes.get('/binary', (_req, res) => {
    res.type('image/png').send(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255]));
  });
  routes.get('/fails', () => {
    throw new Error('on purpose');
  });
  app.use(base, routes);
  return app;
}
