import { fastifyApp } from '../apps/fastify.ts';

await fastifyApp('/fastify').listen({ port: Number(process.env.PORT) });
