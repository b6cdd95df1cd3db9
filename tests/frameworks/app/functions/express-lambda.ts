import serverless from 'serverless-http';
import { expressApp } from '../apps/express.ts';

export const handler = serverless(expressApp('/express-lambda'), { binary: ['image/png'] });
