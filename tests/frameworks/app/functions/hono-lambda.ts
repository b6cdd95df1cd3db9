import { getRequestListener } from '@hono/node-server';
import serverless from 'serverless-http';
import { honoApp } from '../apps/hono.ts';

export const handler = serverless(getRequestListener(honoApp('/hono-lambda').fetch) as never, {
  binary: ['image/png'],
});
