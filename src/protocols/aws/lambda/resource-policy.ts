import { randomUUID } from 'node:crypto';
import type { LambdaDocument } from '../../../ports/lambda-store.ts';
import { AwsError, conflict, invalidParameter, notFound } from '../aws-error.ts';
import { ACCOUNT_ID } from './names.ts';

/** One permission, as policies of AWS write it. */
export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: '*' | { readonly AWS: string } | { readonly Service: string };
  readonly Action: string;
  readonly Resource: string;
  /** Operator → key → value: `StringEquals`, `ArnLike`, `Bool`. */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Who may use a resource besides those whose credentials allow it. Immutable; each change has a revision of its own. */
export interface ResourcePolicy {
  readonly revision: string;
  readonly statements: readonly PolicyStatement[];
}

/** The kind of setting that holds who may call a function, or one of its qualifiers, besides. */
export const POLICY_KIND = 'policy';

/** As large as Lambda lets a policy be. */
const POLICY_BYTES_MAX = 20 * 1024;
const SERVICE = /^[a-z0-9.-]+\.(amazonaws\.com|amazon\.com)$/;

/** Out of what the store holds. */
export function policyOf(document: LambdaDocument | null | undefined): ResourcePolicy | null {
  return (document ?? null) as ResourcePolicy | null;
}

export function documentOf(policy: ResourcePolicy): LambdaDocument {
  return policy as unknown as LambdaDocument;
}

/** The policy as text, for who asks for it. */
export function policyText({ statements }: ResourcePolicy): string {
  return JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: statements });
}

/** @throws AwsError ResourceConflictException (the Sid is taken), PreconditionFailedException, PolicyLengthExceededException */
export function withStatement(
  policy: ResourcePolicy | null,
  statement: PolicyStatement,
  revision: string | undefined,
): ResourcePolicy {
  checkPolicyRevision(policy, revision);
  const before = policy?.statements ?? [];
  if (before.some(({ Sid }) => Sid === statement.Sid)) {
    throw conflict(
      `The statement id (${statement.Sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
    );
  }
  const changed = { revision: randomUUID(), statements: [...before, statement] };
  if (Buffer.byteLength(policyText(changed)) > POLICY_BYTES_MAX) {
    const message = `The final policy size is bigger than the limit (${POLICY_BYTES_MAX}).`;
    throw new AwsError('PolicyLengthExceededException', 400, message);
  }
  return changed;
}

/** Null: that was the last one. @throws AwsError ResourceNotFoundException, PreconditionFailedException */
export function withoutStatement(
  policy: ResourcePolicy | null,
  sid: string,
  revision: string | undefined,
): ResourcePolicy | null {
  const statements = (policy?.statements ?? []).filter(({ Sid }) => Sid !== sid);
  if (policy === null || statements.length === policy.statements.length)
    throw notFound(`Statement ${sid} is not found in resource policy.`);
  checkPolicyRevision(policy, revision);
  return statements.length === 0 ? null : { revision: randomUUID(), statements };
}

function checkPolicyRevision(policy: ResourcePolicy | null, given: string | undefined): void {
  if (given === undefined || given === policy?.revision) return;
  const message =
    'The RevisionId provided does not match the latest RevisionId. Call the GetPolicy API to retrieve the latest RevisionId';
  throw new AwsError('PreconditionFailedException', 412, message);
}

/** What is written as a principal: everybody, an account, an ARN, a service. @throws AwsError InvalidParameterValueException */
export function principalOf(text: string): PolicyStatement['Principal'] {
  if (text === '*') return '*';
  if (/^\d{12}$/.test(text)) return { AWS: `arn:aws:iam::${text}:root` };
  if (/^arn:[a-z-]+:(iam|sts)::\d{12}:\S+$/.test(text)) return { AWS: text };
  if (SERVICE.test(text)) return { Service: text };
  throw invalidParameter('The provided principal was invalid. Please check the principal and try again.');
}

/** The ARN by which policies name who holds a token. */
export function userArn(name: string): string {
  return `arn:aws:iam::${ACCOUNT_ID}:user/${name}`;
}

/**
 * Whether the policy lets somebody call a function's URL; `users`: the ARNs by which it may name them, none for anybody. A condition that cannot be judged here (an
 * organisation, a source) does not hold.
 */
export function allowsUrl(
  policy: ResourcePolicy | null,
  authType: string,
  users: readonly string[],
): boolean {
  return (policy?.statements ?? []).some(({ Action, Principal, Condition = {} }) => {
    if (!['lambda:InvokeFunctionUrl', 'lambda:*', '*'].includes(Action)) return false;
    const isMeant = Principal === '*' || ('AWS' in Principal && users.includes(Principal.AWS));
    return (
      isMeant &&
      Object.entries(Condition).every(
        ([operator, keys]) =>
          operator === 'StringEquals' &&
          Object.entries(keys).every(
            ([key, value]) => key === 'lambda:FunctionUrlAuthType' && value === authType,
          ),
      )
    );
  });
}
