import { serve } from '@hono/node-server';
import { honoApp } from '../apps/hono.ts';

serve({ fetch: honoApp('/hono').fetch, port: Number(process.env.PORT) });
