import { isMapping } from '../section.ts';

const WRAPPER_VARIABLE = 'AWS_LAMBDA_EXEC_WRAPPER';
const ADAPTER = /:layer:LambdaAdapterLayer\w*:\d+/;

/** Whether a layer is AWS's Lambda Web Adapter; written as text or for CloudFormation to put together. */
export const isWebAdapter = (layer: unknown): boolean => ADAPTER.test(JSON.stringify(layer) ?? '');

/**
 * Whether a function is an ordinary web server behind AWS's Lambda Web Adapter (https://github.com/aws/aws-lambda-web-adapter): its
 * handler is then the script that starts the server, which is what runtime `http` runs, without an adapter.
 */
export function isWebServer(layers: readonly unknown[], environment: unknown): boolean {
  const wrapper = isMapping(environment) ? environment[WRAPPER_VARIABLE] : undefined;
  return wrapper === '/opt/bootstrap' && layers.some(isWebAdapter);
}
