import type { Config } from '../config.ts';
import type { AccessKeys } from '../controlplane/credentials/access-keys.ts';
import { EdgeListener } from '../protocols/aws/edge-listener.ts';
import { lambdaApi } from '../protocols/aws/lambda/lambda-api.ts';
import type { LambdaApiDeps } from '../protocols/aws/lambda/lambda-deps.ts';
import { RestJsonFront } from '../protocols/aws/rest/rest-json-front.ts';
import { SignatureVerifier } from '../protocols/aws/sigv4/signature-verifier.ts';
import { reportDefect } from './defects.ts';

interface EdgeDeps extends Omit<LambdaApiDeps, 'verifier' | 'onDefect'> {
  readonly config: Config;
  readonly accessKeys: AccessKeys;
}

/**
 * Other vendors' wire protocols, each a front of the one listener on the edge port. What an earlier process left half done is
 * finished or undone before this resolves.
 */
export async function openEdge(deps: EdgeDeps): Promise<EdgeListener> {
  const { config, accessKeys, clock } = deps;
  const verifier = new SignatureVerifier(accessKeys, clock);
  const lambda = lambdaApi({ ...deps, verifier, onDefect: reportDefect });
  await lambda.recover();
  const api = new RestJsonFront({ api: lambda.api, verifier, onDefect: reportDefect });
  return new EdgeListener({ fronts: [...lambda.fronts, api], limits: config, onDefect: reportDefect });
}
