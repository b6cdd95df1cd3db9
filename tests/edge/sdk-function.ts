import { build } from 'esbuild';

const SOURCE = `
  import * as sdk from '@aws-sdk/client-lambda';
  const client = new sdk.LambdaClient();
  export const handler = async ({ command, input }, context) => {
    try {
      const answer = await client.send(new sdk[command](input));
      const payload = answer.Payload?.transformToString();
      return { payload: payload ? JSON.parse(payload) : undefined, name: answer.FunctionName, version: answer.ExecutedVersion };
    } catch (error) {
      return { error: error.name, message: error.message };
    }
  };`;

/**
 * Code of a function that sends what its event says, `{command, input}`, with AWS's own SDK and no configuration, and answers what came
 * back: `{payload, name, version}` or `{error, message}`. A CommonJS module that exports `handler`.
 */
export async function sdkFunction(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: SOURCE, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
  });
  return outputFiles[0]!.text;
}
