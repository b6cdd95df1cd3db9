import Type, { type Static } from 'typebox';
import { invalidParameter, notFound } from '../../aws-error.ts';
import { answer, type Operation, operation } from '../../rest/operation.ts';
import type { LambdaParts } from '../lambda-deps.ts';
import {
  documentOf,
  POLICY_KIND,
  type PolicyStatement,
  policyOf,
  policyText,
  principalOf,
  type ResourcePolicy,
  withoutStatement,
  withStatement,
} from '../resource-policy.ts';
import { changeAt, placeToRead, type SettingPlace } from '../setting-place.ts';
import { FUNCTION_NAME, QUALIFIER } from './members.ts';

const PATH = '/2015-03-31/functions/{FunctionName}/policy';
const STATEMENT_ID = Type.String({ minLength: 1, maxLength: 100, pattern: '^[a-zA-Z0-9-_.]+$' });
const URL_ACTION = 'lambda:InvokeFunctionUrl';

const AddInput = Type.Object({
  FunctionName: FUNCTION_NAME,
  Qualifier: QUALIFIER,
  StatementId: Type.String({ minLength: 1, maxLength: 100, pattern: '^[a-zA-Z0-9-_]+$' }),
  Action: Type.String({ pattern: '^(lambda:[*]|lambda:[a-zA-Z]+|[*])$' }),
  Principal: Type.String({ minLength: 1, pattern: '^[^\\s]+$' }),
  SourceArn: Type.Optional(
    Type.String({ pattern: '^arn:aws[a-zA-Z0-9-]*:[a-zA-Z0-9-]+:[a-z0-9-]*:(\\d{12})?:.*$' }),
  ),
  SourceAccount: Type.Optional(Type.String({ pattern: '^\\d{12}$' })),
  EventSourceToken: Type.Optional(Type.String({ maxLength: 256, pattern: '^[a-zA-Z0-9._-]+$' })),
  PrincipalOrgID: Type.Optional(Type.String({ pattern: '^o-[a-z0-9]{10,32}$' })),
  FunctionUrlAuthType: Type.Optional(Type.Enum(['NONE', 'AWS_IAM'])),
  InvokedViaFunctionUrl: Type.Optional(Type.Boolean()),
  RevisionId: Type.Optional(Type.String()),
});

/** Who may call a function besides those whose credentials allow it. */
export function permissionOperations(parts: LambdaParts): Operation[] {
  const { store, clock } = parts;
  const policyAt = async (place: SettingPlace): Promise<ResourcePolicy | null> =>
    policyOf((await store.getSetting(place.function, place.qualifier, POLICY_KIND))?.value);
  const keep = async ({ function: fn, qualifier }: SettingPlace, policy: ResourcePolicy): Promise<void> => {
    const setting = { function: fn, qualifier, kind: POLICY_KIND, value: documentOf(policy) };
    await store.saveSetting({ ...setting, modifiedAt: clock.wall() });
  };
  return [
    operation({
      name: 'AddPermission',
      method: 'POST',
      path: PATH,
      query: ['Qualifier'],
      access: 'deploy',
      input: AddInput,
      run: async ({ input, principal }) => {
        const { FunctionName, Qualifier, RevisionId } = input;
        return await changeAt(parts, FunctionName, Qualifier, principal, async (place) => {
          const statement = statementOf(input, place.arn);
          await keep(place, withStatement(await policyAt(place), statement, RevisionId));
          return answer(201, { Statement: JSON.stringify(statement) });
        });
      },
    }),
    operation({
      name: 'GetPolicy',
      method: 'GET',
      path: PATH,
      query: ['Qualifier'],
      access: 'read',
      input: Type.Object({ FunctionName: FUNCTION_NAME, Qualifier: QUALIFIER }),
      run: async ({ input, principal }) => {
        const place = await placeToRead(parts, input.FunctionName, input.Qualifier, principal);
        const policy = await policyAt(place);
        if (policy === null) throw notFound('The resource you requested does not exist.');
        return answer(200, { Policy: policyText(policy), RevisionId: policy.revision });
      },
    }),
    operation({
      name: 'RemovePermission',
      method: 'DELETE',
      path: `${PATH}/{StatementId}`,
      query: ['Qualifier', 'RevisionId'],
      access: 'deploy',
      input: Type.Object({
        FunctionName: FUNCTION_NAME,
        Qualifier: QUALIFIER,
        StatementId: STATEMENT_ID,
        RevisionId: Type.Optional(Type.String()),
      }),
      run: async ({ input, principal }) => {
        const { FunctionName, Qualifier, StatementId, RevisionId } = input;
        return await changeAt(parts, FunctionName, Qualifier, principal, async (place) => {
          const policy = withoutStatement(await policyAt(place), StatementId, RevisionId);
          if (policy === null) await store.removeSetting(place.function, place.qualifier, POLICY_KIND);
          else await keep(place, policy);
          return answer(204, null);
        });
      },
    }),
  ];
}

/** @throws AwsError InvalidParameterValueException */
function statementOf(input: Static<typeof AddInput>, resource: string): PolicyStatement {
  const { Action, FunctionUrlAuthType } = input;
  if (FunctionUrlAuthType !== undefined && Action !== URL_ACTION)
    throw invalidParameter(`FunctionUrlAuthType is only supported for ${URL_ACTION} action`);
  if (input.InvokedViaFunctionUrl !== undefined && Action !== 'lambda:InvokeFunction')
    throw invalidParameter('InvokedViaFunctionUrl is only supported for lambda:InvokeFunction action');
  const Condition = conditionsOf(input);
  return {
    Sid: input.StatementId,
    Effect: 'Allow',
    Principal: principalOf(input.Principal),
    Action,
    Resource: resource,
    ...(Object.keys(Condition).length === 0 ? {} : { Condition }),
  };
}

function conditionsOf(input: Static<typeof AddInput>): Record<string, Record<string, string>> {
  const { SourceArn, SourceAccount, EventSourceToken, PrincipalOrgID, FunctionUrlAuthType } = input;
  const equal = Object.entries({
    'AWS:SourceAccount': SourceAccount,
    'lambda:EventSourceToken': EventSourceToken,
    'aws:PrincipalOrgID': PrincipalOrgID,
    'lambda:FunctionUrlAuthType': FunctionUrlAuthType,
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    ...(equal.length === 0 ? {} : { StringEquals: Object.fromEntries(equal) }),
    ...(SourceArn === undefined ? {} : { ArnLike: { 'AWS:SourceArn': SourceArn } }),
    ...(input.InvokedViaFunctionUrl === undefined
      ? {}
      : { Bool: { 'lambda:InvokedViaFunctionUrl': String(input.InvokedViaFunctionUrl) } }),
  };
}
