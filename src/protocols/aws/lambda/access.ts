import type { Principal } from '../../../controlplane/tokens/tokens.ts';
import { accessDenied, NotAuthorized } from '../aws-error.ts';

/** Whether a principal may see an app at all. */
export function sees({ apps }: Principal, app: string): boolean {
  return apps === null || apps.includes(app);
}

/** Whether it may see an environment: an instance sees its own, so that a preview leads nobody into production. */
export function seesEnvironment(principal: Principal, app: string, environment: string): boolean {
  const { instanceOf } = principal;
  return sees(principal, app) && (instanceOf === undefined || instanceOf.environment === environment);
}

/** For a principal that is restricted to other apps. */
export function notForApp({ name }: Principal, app: string, arn: string): NotAuthorized {
  return new NotAuthorized(name, arn, () => `its credentials are not good for the app "${app}"`);
}

/** For an instance of another environment. */
export function notForEnvironment({ name }: Principal, environment: string, arn: string): NotAuthorized {
  return new NotAuthorized(
    name,
    arn,
    () => `its credentials are not good for the environment "${environment}"`,
  );
}

/** For what belongs to the node as a whole. @throws AwsError AccessDeniedException */
export function mayUseNode(principal: Principal, what: string): void {
  if (principal.apps === null) return;
  throw accessDenied(
    `User: ${principal.name} is not authorized on ${what} because its credentials are restricted to some apps`,
  );
}
