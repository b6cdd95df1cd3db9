import { LambdaClient } from '@aws-sdk/client-lambda';
import type { Credentials } from '../../src/contract/credentials-api.ts';
import type { TestNode } from '../harness/test-node.ts';

/** The access key of a token, the operator's by default. */
export async function credentialsOf(node: TestNode, token = node.token): Promise<Credentials> {
  const response = await fetch(`${node.controlUrl}/v1/credentials`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Credentials;
}

/** AWS's own client, with nothing set but endpoint, region and key. */
export async function lambdaClient(
  node: TestNode,
  token?: string,
  options: { readonly systemClockOffset?: number } = {},
): Promise<LambdaClient> {
  const { endpointUrl: endpoint, region, ...credentials } = await credentialsOf(node, token);
  return new LambdaClient({ endpoint, region, credentials, maxAttempts: 1, ...options });
}
