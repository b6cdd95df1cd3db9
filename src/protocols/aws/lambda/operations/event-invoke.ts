import Type, { type Static } from 'typebox';
import type { Principal } from '../../../../controlplane/tokens/tokens.ts';
import type { LambdaSettingRecord } from '../../../../ports/lambda-store.ts';
import { AwsError, invalidParameter, notFound } from '../../aws-error.ts';
import { answer, type Operation, type OperationAnswer, operation } from '../../rest/operation.ts';
import {
  EVENT_INVOKE_KIND,
  type EventSettings,
  eventSettingsOf,
  serviceOf,
} from '../events/event-settings.ts';
import type { LambdaParts } from '../lambda-deps.ts';
import { LATEST } from '../names.ts';
import { PAGE_MEMBERS, PAGE_QUERY, pageOf } from '../pages.ts';
import { changeAt, placeToRead, type SettingPlace } from '../setting-place.ts';
import { FUNCTION_NAME, QUALIFIER } from './members.ts';

const PATH = '/2019-09-25/functions/{FunctionName}/event-invoke-config';
const DESTINATION = Type.Optional(
  Type.Object({
    Destination: Type.Optional(
      Type.String({
        maxLength: 350,
        pattern: '^($|arn:aws[a-zA-Z0-9-]*:[a-zA-Z0-9-]+:[a-z0-9-]*:(\\d{12})?:.*)$',
      }),
    ),
  }),
);
const PLACE = { FunctionName: FUNCTION_NAME, Qualifier: QUALIFIER };
const SETTINGS = {
  MaximumRetryAttempts: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 })),
  MaximumEventAgeInSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 21_600 })),
  DestinationConfig: Type.Optional(Type.Object({ OnSuccess: DESTINATION, OnFailure: DESTINATION })),
};
const SettingsInput = Type.Object({ ...PLACE, ...SETTINGS });
/** Services whose queues, topics and buses can be named; the last one for failures only. */
const SERVICES = ['lambda', 'sqs', 'sns', 'events', 's3'];

/** What becomes of events: how often and how long they are tried, and what their end causes. */
export function eventInvokeOperations(parts: LambdaParts): Operation[] {
  const { store, clock, arns } = parts;
  const settingAt = ({ function: fn, qualifier }: SettingPlace) =>
    store.getSetting(fn, qualifier, EVENT_INVOKE_KIND);
  const existing = async (place: SettingPlace): Promise<LambdaSettingRecord> => {
    const setting = await settingAt(place);
    if (setting === null) throw notFound(`The function ${place.arn} doesn't have an EventInvokeConfig`);
    return setting;
  };
  const viewOf = ({ function: fn, qualifier, value, modifiedAt }: LambdaSettingRecord) => {
    const { DestinationConfig, ...settings } = value as EventSettings;
    return {
      ...settings,
      FunctionArn: arns.function(fn, qualifier === '' ? LATEST : qualifier),
      DestinationConfig: { OnSuccess: {}, OnFailure: {}, ...DestinationConfig },
      LastModified: modifiedAt / 1_000,
    };
  };
  const save = async (place: SettingPlace, value: EventSettings): Promise<OperationAnswer> => {
    const { function: fn, qualifier } = place;
    const setting = { function: fn, qualifier, kind: EVENT_INVOKE_KIND, value: { ...value } };
    const saved = { ...setting, modifiedAt: clock.wall() };
    await store.saveSetting(saved);
    return { ...answer(200, viewOf(saved)), headers: noticeOf(value) };
  };
  return [
    operation({
      name: 'PutFunctionEventInvokeConfig',
      method: 'PUT',
      path: PATH,
      query: ['Qualifier'],
      access: 'deploy',
      input: SettingsInput,
      run: async ({ input, principal }) => {
        const { FunctionName, Qualifier } = input;
        const settings = await checked(parts, input, principal);
        return await changeAt(parts, FunctionName, Qualifier, principal, (place) => save(place, settings));
      },
    }),
    operation({
      name: 'UpdateFunctionEventInvokeConfig',
      method: 'POST',
      path: PATH,
      query: ['Qualifier'],
      access: 'deploy',
      input: SettingsInput,
      run: async ({ input, principal }) => {
        const { FunctionName, Qualifier } = input;
        const settings = await checked(parts, input, principal);
        return await changeAt(parts, FunctionName, Qualifier, principal, async (place) => {
          const before = eventSettingsOf(await existing(place));
          const destinations = { ...before.DestinationConfig, ...settings.DestinationConfig };
          return await save(place, { ...before, ...settings, DestinationConfig: destinations });
        });
      },
    }),
    operation({
      name: 'GetFunctionEventInvokeConfig',
      method: 'GET',
      path: PATH,
      query: ['Qualifier'],
      access: 'read',
      input: Type.Object(PLACE),
      run: async ({ input, principal }) => {
        const place = await placeToRead(parts, input.FunctionName, input.Qualifier, principal);
        return answer(200, viewOf(await existing(place)));
      },
    }),
    operation({
      name: 'DeleteFunctionEventInvokeConfig',
      method: 'DELETE',
      path: PATH,
      query: ['Qualifier'],
      access: 'deploy',
      input: Type.Object(PLACE),
      run: async ({ input, principal }) =>
        await changeAt(parts, input.FunctionName, input.Qualifier, principal, async (place) => {
          await existing(place);
          await store.removeSetting(place.function, place.qualifier, EVENT_INVOKE_KIND);
          return answer(204, null);
        }),
    }),
    operation({
      name: 'ListFunctionEventInvokeConfigs',
      method: 'GET',
      path: `${PATH}/list`,
      query: PAGE_QUERY,
      access: 'read',
      input: Type.Object({ FunctionName: FUNCTION_NAME, ...PAGE_MEMBERS }),
      run: async ({ input, principal }) => {
        const { function: fn } = await placeToRead(parts, input.FunctionName, undefined, principal);
        const settings = await store.listSettings(EVENT_INVOKE_KIND, fn);
        const page = pageOf(settings, ({ qualifier }) => qualifier, input);
        return answer(200, { FunctionEventInvokeConfigs: page.items.map(viewOf), ...page.next });
      },
    }),
  ];
}

/** @throws AwsError InvalidParameterValueException, AccessDeniedException (a destination that the caller may not call) */
async function checked(
  { catalog }: LambdaParts,
  input: Static<typeof SettingsInput>,
  principal: Principal,
): Promise<EventSettings> {
  const { FunctionName: _name, Qualifier: _qualifier, ...settings } = input;
  if (Object.keys(settings).length === 0)
    throw invalidParameter('You must specify at least one of error handling or destination setting.');
  for (const [when, { Destination = '' } = {}] of Object.entries(settings.DestinationConfig ?? {})) {
    if (Destination === '') continue;
    const service = serviceOf(Destination);
    if (!SERVICES.includes(service) || (service === 's3' && when === 'OnSuccess'))
      throw invalidParameter(
        `The provided destination config DestinationConfig(${when}=${Destination}) is invalid.`,
      );
    if (service !== 'lambda') continue;
    await catalog.find(Destination, undefined, principal).catch((thrown: unknown) => {
      if (thrown instanceof AwsError && thrown.status === 404)
        throw invalidParameter(`The destination ${Destination} does not exist.`);
      throw thrown;
    });
  }
  return settings;
}

/** Tells what is kept and does nothing yet. */
function noticeOf({ DestinationConfig = {} }: EventSettings): Record<string, string> {
  const waiting = Object.values(DestinationConfig)
    .map((one) => one?.Destination ?? '')
    .filter((arn) => arn !== '' && serviceOf(arn) !== 'lambda');
  if (waiting.length === 0) return {};
  return { 'x-mayfly-notice': `Kept, and not served yet by this node: ${waiting.join(', ')}` };
}
