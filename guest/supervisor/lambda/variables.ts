import type { SpecialiseMessage } from '../../../src/contract/guest-messages.ts';
import { setVariables } from '../../node/dialects/lambda/environment.ts';

/**
 * The environment of a custom runtime and its extensions, as AWS sets it; what the author set stays. This process has become the
 * function already, so that its own variables are the function's.
 */
export function lambdaVariables(message: SpecialiseMessage, api: string): NodeJS.ProcessEnv {
  const { codeDir, handler, perInstance } = message;
  setVariables(message);
  const { env } = process;
  const own = message.env;
  env._HANDLER = handler.export;
  env.AWS_EXECUTION_ENV = own.AWS_EXECUTION_ENV ?? 'AWS_Lambda_provided.al2023';
  env.AWS_LAMBDA_RUNTIME_API = api;
  env.LAMBDA_RUNTIME_DIR = own.LAMBDA_RUNTIME_DIR ?? codeDir;
  env.PATH = own.PATH ?? `${env.PATH}:/opt/bin`;
  env.LD_LIBRARY_PATH = own.LD_LIBRARY_PATH ?? `${codeDir}:${codeDir}/lib:/opt/lib`;
  if (perInstance > 1) env.AWS_LAMBDA_MAX_CONCURRENCY = String(perInstance);
  return { ...env };
}
