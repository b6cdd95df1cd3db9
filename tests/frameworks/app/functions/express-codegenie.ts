import { configure } from '@codegenie/serverless-express';
import { expressApp } from '../apps/express.ts';

export const handler = configure({ app: expressApp('/express-codegenie') });
