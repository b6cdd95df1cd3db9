import Type from 'typebox';
import { invalidParameter } from '../../aws-error.ts';
import { answer, type Operation, operation } from '../../rest/operation.ts';
import { capacityPlanOf } from '../capacity.ts';
import type { LambdaParts } from '../lambda-deps.ts';
import { FUNCTION_NAME } from './members.ts';

/** What must be left to functions for which nothing is reserved. */
const UNRESERVED_MIN = 100;
const NAMED = Type.Object({ FunctionName: FUNCTION_NAME });

/** How many calls of a function may run at a time, and what the account has in all. */
export function concurrencyOperations(parts: LambdaParts): Operation[] {
  const { catalog, changes, store, capacity, quotas } = parts;
  return [
    operation({
      name: 'PutFunctionConcurrency',
      method: 'PUT',
      path: '/2017-10-31/functions/{FunctionName}/concurrency',
      access: 'deploy',
      input: Type.Object({
        FunctionName: FUNCTION_NAME,
        ReservedConcurrentExecutions: Type.Integer({ minimum: 0 }),
      }),
      run: async ({ input, principal }) => {
        const { fn } = await catalog.findOwn(input.FunctionName, undefined, principal);
        const { ReservedConcurrentExecutions: wanted } = input;
        const { provisioned } = await capacityPlanOf(store, fn.name);
        if (wanted < provisioned) {
          throw invalidParameter(
            `ReservedConcurrentExecutions ${wanted} should not be lower than function's total provisioned concurrency [${provisioned}].`,
          );
        }
        if ((await unreservedFor(parts, fn.name)) - wanted < UNRESERVED_MIN) {
          throw invalidParameter(
            `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${UNRESERVED_MIN}].`,
          );
        }
        await store.setReserved(fn.name, wanted);
        capacity.align(fn.name, principal.name);
        return answer(200, { ReservedConcurrentExecutions: wanted });
      },
    }),
    operation({
      name: 'GetFunctionConcurrency',
      method: 'GET',
      path: '/2019-09-30/functions/{FunctionName}/concurrency',
      access: 'read',
      input: NAMED,
      run: async ({ input, principal }) => {
        const { fn } = await catalog.find(input.FunctionName, undefined, principal);
        const reserved = fn.kind === 'own' ? fn.record.reserved : null;
        return answer(200, reserved === null ? {} : { ReservedConcurrentExecutions: reserved });
      },
    }),
    operation({
      name: 'DeleteFunctionConcurrency',
      method: 'DELETE',
      path: '/2017-10-31/functions/{FunctionName}/concurrency',
      access: 'deploy',
      input: NAMED,
      run: async ({ input, principal }) => {
        const { fn } = await catalog.findOwn(input.FunctionName, undefined, principal);
        await changes.latestOf(fn.name);
        await store.setReserved(fn.name, null);
        capacity.align(fn.name, principal.name);
        return answer(204, null);
      },
    }),
    operation({
      name: 'GetAccountSettings',
      method: 'GET',
      path: '/2016-08-19/account-settings',
      access: 'read',
      input: Type.Object({}),
      run: async () => {
        const { functions, codeBytes } = await store.usage();
        return answer(200, {
          AccountLimit: {
            TotalCodeSize: quotas.lambdaStorageBytesMax,
            CodeSizeUnzipped: quotas.lambdaCodeBytesMax,
            CodeSizeZipped: quotas.lambdaZipBytesMax,
            ConcurrentExecutions: quotas.lambdaConcurrencyMax,
            UnreservedConcurrentExecutions: await unreservedFor(parts, null),
          },
          AccountUsage: { TotalCodeSize: codeBytes, FunctionCount: functions },
        });
      },
    }),
  ];
}

/** What the account has left when nothing is reserved for this function. */
export async function unreservedFor({ store, quotas }: LambdaParts, name: string | null): Promise<number> {
  const others = (await store.listFunctions()).filter((fn) => fn.name !== name);
  const reserved = others.reduce((sum, fn) => sum + (fn.reserved ?? 0), 0);
  return Math.max(0, quotas.lambdaConcurrencyMax - reserved);
}
