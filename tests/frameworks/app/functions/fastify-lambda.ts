import serverless from 'serverless-http';
import { fastifyApp } from '../apps/fastify.ts';

const app = fastifyApp('/fastify-lambda');
await app.ready();
export const handler = serverless(app.routing as never, { binary: ['image/png'] });
