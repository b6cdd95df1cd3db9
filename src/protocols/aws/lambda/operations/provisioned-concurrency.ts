import Type from 'typebox';
import type { LambdaSettingRecord } from '../../../../ports/lambda-store.ts';
import { AwsError, invalidParameter } from '../../aws-error.ts';
import { answer, type Operation, operation } from '../../rest/operation.ts';
import { PROVISIONED_KIND, provisionedVersion } from '../capacity.ts';
import { timeOf } from '../function-view.ts';
import type { LambdaParts } from '../lambda-deps.ts';
import { PAGE_MEMBERS, PAGE_QUERY, pageOf } from '../pages.ts';
import { changeAt, placeToRead, type SettingPlace } from '../setting-place.ts';
import { unreservedFor } from './concurrency.ts';
import { FUNCTION_NAME } from './members.ts';

const PATH = '/2019-09-30/functions/{FunctionName}/provisioned-concurrency';
const PLACE = {
  FunctionName: FUNCTION_NAME,
  Qualifier: Type.String({ minLength: 1, maxLength: 128, pattern: '^(|[a-zA-Z0-9$_-]+)$' }),
};

/** Instances of a version or an alias that are kept ready although nobody calls. */
export function provisionedConcurrencyOperations(parts: LambdaParts): Operation[] {
  const { store, capacity, clock, arns } = parts;
  const viewOf = async (setting: LambdaSettingRecord, app: string): Promise<Record<string, unknown>> => {
    const { function: fn, qualifier, value, modifiedAt } = setting;
    const { requested } = value as unknown as { requested: number };
    const version = provisionedVersion(qualifier, await store.listAliases(fn)) ?? 0;
    const { ready, wanted, failure } = await capacity.stateOf(fn, app, version);
    const isReady = wanted > 0 && ready >= wanted;
    return {
      RequestedProvisionedConcurrentExecutions: requested,
      AvailableProvisionedConcurrentExecutions: Math.min(ready, requested),
      AllocatedProvisionedConcurrentExecutions: Math.min(ready, requested),
      Status: isReady ? 'READY' : failure === null ? 'IN_PROGRESS' : 'FAILED',
      ...(isReady || failure === null ? {} : { StatusReason: failure }),
      LastModified: timeOf(modifiedAt),
    };
  };
  return [
    operation({
      name: 'PutProvisionedConcurrencyConfig',
      method: 'PUT',
      path: PATH,
      query: ['Qualifier'],
      access: 'deploy',
      input: Type.Object({ ...PLACE, ProvisionedConcurrentExecutions: Type.Integer({ minimum: 1 }) }),
      run: async ({ input, principal }) => {
        const { FunctionName, Qualifier, ProvisionedConcurrentExecutions: requested } = input;
        return await changeAt(parts, FunctionName, Qualifier, principal, async (place) => {
          await checkProvisioned(parts, place, requested);
          const { function: fn, qualifier, app } = place;
          const value = { requested };
          const setting = {
            function: fn,
            qualifier,
            kind: PROVISIONED_KIND,
            value,
            modifiedAt: clock.wall(),
          };
          await store.saveSetting(setting);
          capacity.align(fn, principal.name);
          return answer(202, { ...(await viewOf(setting, app)) });
        });
      },
    }),
    operation({
      name: 'GetProvisionedConcurrencyConfig',
      method: 'GET',
      path: PATH,
      query: ['Qualifier'],
      access: 'read',
      input: Type.Object(PLACE),
      run: async ({ input, principal }) => {
        const place = await placeToRead(parts, input.FunctionName, input.Qualifier, principal);
        const { function: fn, qualifier, app } = place;
        const setting = await store.getSetting(fn, qualifier, PROVISIONED_KIND);
        if (setting === null) throw noConfig();
        return answer(200, await viewOf(setting, app));
      },
    }),
    operation({
      name: 'ListProvisionedConcurrencyConfigs',
      method: 'GET',
      path: `${PATH}?List=ALL`,
      query: PAGE_QUERY,
      access: 'read',
      input: Type.Object({ FunctionName: FUNCTION_NAME, ...PAGE_MEMBERS }),
      run: async ({ input, principal }) => {
        const place = await placeToRead(parts, input.FunctionName, undefined, principal);
        const settings = await store.listSettings(PROVISIONED_KIND, place.function);
        const page = pageOf(settings, ({ qualifier }) => qualifier, input);
        const shown = page.items.map(async (setting) => ({
          FunctionArn: arns.function(setting.function, setting.qualifier),
          ...(await viewOf(setting, place.app)),
        }));
        return answer(200, { ProvisionedConcurrencyConfigs: await Promise.all(shown), ...page.next });
      },
    }),
    operation({
      name: 'DeleteProvisionedConcurrencyConfig',
      method: 'DELETE',
      path: PATH,
      query: ['Qualifier'],
      access: 'deploy',
      input: Type.Object(PLACE),
      run: async ({ input, principal }) =>
        await changeAt(parts, input.FunctionName, input.Qualifier, principal, async (place) => {
          const { function: fn, qualifier } = place;
          await store.removeSetting(fn, qualifier, PROVISIONED_KIND);
          capacity.align(fn, principal.name);
          return answer(204, null);
        }),
    }),
  ];
}

/** @throws AwsError InvalidParameterValueException */
async function checkProvisioned(parts: LambdaParts, place: SettingPlace, requested: number): Promise<void> {
  const { store } = parts;
  const { function: fn, qualifier } = place;
  const aliases = await store.listAliases(fn);
  const version = provisionedVersion(qualifier, aliases) ?? 0;
  if (version === 0) {
    throw invalidParameter(
      'Provisioned Concurrency Configs cannot be applied to unpublished function versions.',
    );
  }
  const others = (await store.listSettings(PROVISIONED_KIND, fn)).filter(
    (setting) => setting.qualifier !== qualifier,
  );
  const same = others.find((setting) => provisionedVersion(setting.qualifier, aliases) === version);
  if (same !== undefined) {
    throw invalidParameter(
      `Version ${version} already has Provisioned Concurrency, configured for "${same.qualifier}".`,
    );
  }
  const reserved = (await store.getFunction(fn))?.reserved ?? null;
  const total = requested + others.reduce((sum, { value }) => sum + Number(value.requested), 0);
  if (reserved !== null && total > reserved) {
    throw invalidParameter(
      `Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function`,
    );
  }
  const unreserved = await unreservedFor(parts, fn);
  if (reserved === null && total > unreserved) {
    throw invalidParameter(
      `Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [${unreserved}].`,
    );
  }
}

function noConfig(): AwsError {
  const message = 'No Provisioned Concurrency Config found for this function';
  return new AwsError('ProvisionedConcurrencyConfigNotFoundException', 404, message);
}
