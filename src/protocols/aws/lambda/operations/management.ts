import Type from 'typebox';
import { AwsError, invalidParameter, notFound } from '../../aws-error.ts';
import { answer, type Operation, operation } from '../../rest/operation.ts';
import { RECURSION_KIND } from '../events/event-settings.ts';
import type { LambdaParts } from '../lambda-deps.ts';
import { PAGE_MEMBERS, PAGE_QUERY } from '../pages.ts';
import { changeAt, placeToRead, qualifiedArn } from '../setting-place.ts';
import { FUNCTION_NAME, QUALIFIER } from './members.ts';

const RUNTIME_KIND = 'runtime-management';
const PATHS = {
  runtime: '/2021-07-20/functions/{FunctionName}/runtime-management-config',
  recursion: '/2024-08-31/functions/{FunctionName}/recursion-config',
  signing: '/2020-06-30/functions/{FunctionName}/code-signing-config',
  signings: '/2020-04-22/code-signing-configs',
} as const;
const NAMED = { FunctionName: FUNCTION_NAME };
const SIGNING_ARN = Type.String({ minLength: 1, maxLength: 200 });

/** What tools ask besides: how runtimes are kept up to date, whether a function may cause itself, and signatures of code (none). */
export function managementOperations(parts: LambdaParts): Operation[] {
  return [...runtimeOperations(parts), ...recursionOperations(parts), ...signingOperations(parts)];
}

/** Kept and answered: the runtimes of a node change when its operator changes them. */
function runtimeOperations(parts: LambdaParts): Operation[] {
  const { store, clock } = parts;
  return [
    operation({
      name: 'PutRuntimeManagementConfig',
      method: 'PUT',
      path: PATHS.runtime,
      query: ['Qualifier'],
      access: 'deploy',
      input: Type.Object({
        ...NAMED,
        Qualifier: QUALIFIER,
        UpdateRuntimeOn: Type.Enum(['Auto', 'Manual', 'FunctionUpdate']),
        RuntimeVersionArn: Type.Optional(
          Type.String({ maxLength: 2_048, pattern: '^arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+::runtime:.+$' }),
        ),
      }),
      run: async ({ input, principal }) => {
        const { FunctionName, Qualifier, UpdateRuntimeOn, RuntimeVersionArn } = input;
        if ((UpdateRuntimeOn === 'Manual') !== (RuntimeVersionArn !== undefined))
          throw invalidParameter('RuntimeVersionArn is required for the mode Manual, and for no other.');
        return await changeAt(parts, FunctionName, Qualifier, principal, async (place) => {
          const value = { UpdateRuntimeOn, RuntimeVersionArn };
          const setting = { function: place.function, qualifier: place.qualifier, kind: RUNTIME_KIND, value };
          await store.saveSetting({ ...setting, modifiedAt: clock.wall() });
          return answer(200, { ...value, FunctionArn: qualifiedArn(place) });
        });
      },
    }),
    operation({
      name: 'GetRuntimeManagementConfig',
      method: 'GET',
      path: PATHS.runtime,
      query: ['Qualifier'],
      access: 'read',
      input: Type.Object({ ...NAMED, Qualifier: QUALIFIER }),
      run: async ({ input, principal }) => {
        const place = await placeToRead(parts, input.FunctionName, input.Qualifier, principal);
        const setting = await store.getSetting(place.function, place.qualifier, RUNTIME_KIND);
        return answer(200, { UpdateRuntimeOn: 'Auto', ...setting?.value, FunctionArn: qualifiedArn(place) });
      },
    }),
  ];
}

/** Honoured for events that cause one another by destinations. */
function recursionOperations(parts: LambdaParts): Operation[] {
  const { store, clock } = parts;
  return [
    operation({
      name: 'PutFunctionRecursionConfig',
      method: 'PUT',
      path: PATHS.recursion,
      access: 'deploy',
      input: Type.Object({ ...NAMED, RecursiveLoop: Type.Enum(['Allow', 'Terminate']) }),
      run: async ({ input, principal }) =>
        await changeAt(parts, input.FunctionName, undefined, principal, async ({ function: fn }) => {
          const value = { RecursiveLoop: input.RecursiveLoop };
          const setting = { function: fn, qualifier: '', kind: RECURSION_KIND, value };
          await store.saveSetting({ ...setting, modifiedAt: clock.wall() });
          return answer(200, value);
        }),
    }),
    operation({
      name: 'GetFunctionRecursionConfig',
      method: 'GET',
      path: PATHS.recursion,
      access: 'read',
      input: Type.Object(NAMED),
      run: async ({ input, principal }) => {
        const { function: fn } = await placeToRead(parts, input.FunctionName, undefined, principal);
        const setting = await store.getSetting(fn, '', RECURSION_KIND);
        return answer(200, { RecursiveLoop: 'Terminate', ...setting?.value });
      },
    }),
  ];
}

/** There are no signing configurations on a node, so that no function has one. */
function signingOperations(parts: LambdaParts): Operation[] {
  const missing = (arn: string): AwsError =>
    notFound(`The code signing configuration ${arn} does not exist.`);
  return [
    operation({
      name: 'GetFunctionCodeSigningConfig',
      method: 'GET',
      path: PATHS.signing,
      access: 'read',
      input: Type.Object(NAMED),
      run: async ({ input, principal }) => {
        const { function: fn } = await placeToRead(parts, input.FunctionName, undefined, principal);
        return answer(200, { FunctionName: fn });
      },
    }),
    operation({
      name: 'PutFunctionCodeSigningConfig',
      method: 'PUT',
      path: PATHS.signing,
      access: 'deploy',
      input: Type.Object({ ...NAMED, CodeSigningConfigArn: SIGNING_ARN }),
      run: async ({ input, principal }) => {
        await placeToRead(parts, input.FunctionName, undefined, principal);
        const { message } = missing(input.CodeSigningConfigArn);
        throw new AwsError('CodeSigningConfigNotFoundException', 404, message);
      },
    }),
    operation({
      name: 'DeleteFunctionCodeSigningConfig',
      method: 'DELETE',
      path: PATHS.signing,
      access: 'deploy',
      input: Type.Object(NAMED),
      run: async ({ input, principal }) => {
        await placeToRead(parts, input.FunctionName, undefined, principal);
        return answer(204, null);
      },
    }),
    operation({
      name: 'ListCodeSigningConfigs',
      method: 'GET',
      path: PATHS.signings,
      query: PAGE_QUERY,
      access: 'read',
      input: Type.Object(PAGE_MEMBERS),
      run: async () => answer(200, { CodeSigningConfigs: [] }),
    }),
    operation({
      name: 'GetCodeSigningConfig',
      method: 'GET',
      path: `${PATHS.signings}/{CodeSigningConfigArn}`,
      access: 'read',
      input: Type.Object({ CodeSigningConfigArn: SIGNING_ARN }),
      run: async ({ input }) => {
        throw missing(input.CodeSigningConfigArn);
      },
    }),
    operation({
      name: 'ListFunctionsByCodeSigningConfig',
      method: 'GET',
      path: `${PATHS.signings}/{CodeSigningConfigArn}/functions`,
      query: PAGE_QUERY,
      access: 'read',
      input: Type.Object({ CodeSigningConfigArn: SIGNING_ARN, ...PAGE_MEMBERS }),
      run: async ({ input }) => {
        throw missing(input.CodeSigningConfigArn);
      },
    }),
  ];
}
