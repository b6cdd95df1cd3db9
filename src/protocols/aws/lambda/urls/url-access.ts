import type { IncomingMessage } from 'node:http';
import { includesRole } from '../../../../controlplane/tokens/roles.ts';
import type { Principal } from '../../../../controlplane/tokens/tokens.ts';
import type { LambdaStore } from '../../../../ports/lambda-store.ts';
import { AwsError, accessDenied } from '../../aws-error.ts';
import { readAuthorization } from '../../sigv4/authorization.ts';
import type { SignatureVerifier } from '../../sigv4/signature-verifier.ts';
import type { FunctionCatalog } from '../function-catalog.ts';
import type { FunctionIdentities } from '../function-identities.ts';
import { allowsUrl, POLICY_KIND, policyOf, type ResourcePolicy, userArn } from '../resource-policy.ts';
import type { FunctionUrl } from './function-urls.ts';
import type { UrlCaller } from './url-event.ts';

interface UrlAccessDeps {
  readonly store: LambdaStore;
  readonly catalog: FunctionCatalog;
  readonly identities: FunctionIdentities;
  readonly verifier: SignatureVerifier<Principal>;
}

/** A request of which only the body's hash is left to verify. Answers who signed; null: nobody had to. @throws AwsError 403 */
type AdmittedUrlRequest = (bodySha256: string) => Promise<UrlCaller | null>;

const SERVICE = 'lambda';

/** Who may call a function's URL. */
export class UrlAccess {
  readonly #deps: UrlAccessDeps;

  constructor(deps: UrlAccessDeps) {
    this.#deps = deps;
  }

  /**
   * Lets a request pass: by the policy of the function (or alias) when nobody has to sign, else by the signature's owner, who may by
   * role or by that policy. What can be said before the body is read is said before.
   * @throws AwsError 403
   */
  async admit(url: FunctionUrl, req: IncomingMessage): Promise<AdmittedUrlRequest> {
    const policy = await this.#policyOf(url);
    if (url.AuthType === 'NONE') {
      if (allowsUrl(policy, 'NONE', [])) return async () => null;
      throw accessDenied(
        'Forbidden. The policy of this function lets nobody call its URL: add the permission lambda:InvokeFunctionUrl for the principal "*" with FunctionUrlAuthType NONE.',
      );
    }
    const head = { method: req.method ?? 'GET', target: req.url ?? '/', headers: req.rawHeaders };
    const admitted = await this.#deps.verifier.admit(head);
    return async (bodySha256) => {
      const { principal, service } = admitted.verify(bodySha256);
      if (service !== SERVICE) {
        const message = `Credential should be scoped to correct service: '${SERVICE}'. `;
        throw new AwsError('InvalidSignatureException', 403, message);
      }
      const identity = await this.#deps.identities.identityOf(principal);
      const arn = identity?.arn ?? userArn(principal.name);
      const users = identity === null ? [arn] : [arn, identity.role];
      if (!allowsUrl(policy, 'AWS_IAM', users) && !(await this.#mayByRole(principal, url)))
        throw accessDenied('Forbidden');
      return { accessKey: readAuthorization(head).accessKeyId, id: principal.id, arn };
    };
  }

  /** As for a call by the API. */
  async #mayByRole(principal: Principal, { function: fn }: FunctionUrl): Promise<boolean> {
    if (!includesRole(principal.role, 'invoke')) return false;
    return await this.#deps.catalog.find(fn, undefined, principal).then(
      () => true,
      () => false,
    );
  }

  async #policyOf({ function: fn, qualifier }: FunctionUrl): Promise<ResourcePolicy | null> {
    return policyOf((await this.#deps.store.getSetting(fn, qualifier, POLICY_KIND))?.value);
  }
}
