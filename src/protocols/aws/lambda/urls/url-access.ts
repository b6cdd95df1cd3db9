import type { IncomingMessage } from 'node:http';
import { includesRole } from '../../../../controlplane/tokens/roles.ts';
import type { Principal } from '../../../../controlplane/tokens/tokens.ts';
import type { LambdaStore } from '../../../../ports/lambda-store.ts';
import { AwsError, accessDenied } from '../../aws-error.ts';
import { readAuthorization } from '../../sigv4/authorization.ts';
import type { SignatureVerifier } from '../../sigv4/signature-verifier.ts';
import { sees } from '../access.ts';
import { allowsUrl, POLICY_KIND, policyOf, type ResourcePolicy, userArn } from '../resource-policy.ts';
import type { FunctionUrl } from './function-urls.ts';
import type { UrlCaller } from './url-event.ts';

interface UrlAccessDeps {
  readonly store: LambdaStore;
  readonly verifier: SignatureVerifier<Principal>;
}

const SERVICE = 'lambda';

/** Who may call a function's URL. */
export class UrlAccess {
  readonly #deps: UrlAccessDeps;

  constructor(deps: UrlAccessDeps) {
    this.#deps = deps;
  }

  /**
   * Lets a request pass: by the policy of the function (or alias) when nobody has to sign, else by the signature's owner, who may by its
   * role or by that policy. Answers who signed; null: nobody had to.
   * @throws AwsError 403
   */
  async enter(
    url: FunctionUrl,
    app: string,
    req: IncomingMessage,
    bodySha256: string,
  ): Promise<UrlCaller | null> {
    const policy = await this.#policyOf(url);
    if (url.AuthType === 'NONE') {
      if (allowsUrl(policy, 'NONE', null)) return null;
      throw accessDenied(
        'Forbidden. The policy of this function lets nobody call its URL: add the permission lambda:InvokeFunctionUrl for the principal "*" with FunctionUrlAuthType NONE.',
      );
    }
    const request = {
      method: req.method ?? 'GET',
      target: req.url ?? '/',
      headers: req.rawHeaders,
      bodySha256,
    };
    const { principal, service } = await this.#deps.verifier.verify(request);
    if (service !== SERVICE) {
      const message = `Credential should be scoped to correct service: '${SERVICE}'. `;
      throw new AwsError('InvalidSignatureException', 403, message);
    }
    const arn = userArn(principal.name);
    const byRole = includesRole(principal.role, 'invoke') && sees(principal, app);
    if (!byRole && !allowsUrl(policy, 'AWS_IAM', arn)) throw accessDenied('Forbidden');
    return { accessKey: readAuthorization(request).accessKeyId, id: principal.id, arn };
  }

  async #policyOf({ function: fn, qualifier }: FunctionUrl): Promise<ResourcePolicy | null> {
    return policyOf((await this.#deps.store.getSetting(fn, qualifier, POLICY_KIND))?.value);
  }
}
