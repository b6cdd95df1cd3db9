import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { zipFiles } from './zip-file.ts';

/** Makes a function of one file; `code` is its CommonJS. */
export async function createFunction(
  client: LambdaClient,
  FunctionName: string,
  code: string,
  extra: Partial<CreateFunctionCommandInput> = {},
): Promise<void> {
  await client.send(
    new CreateFunctionCommand({
      FunctionName,
      Role: 'arn:aws:iam::000000000000:role/any',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: { ZipFile: zipFiles({ 'index.js': code }) },
      ...extra,
    }),
  );
}
