import { randomUUID } from 'node:crypto';
import Type from 'typebox';
import type { LambdaDocument, LambdaEventSourceRecord } from '../../../../ports/lambda-store.ts';
import { conflict, notFound } from '../../aws-error.ts';
import { answer, type Operation, type OperationCall, operation } from '../../rest/operation.ts';
import {
  CHANGEABLE_MEMBERS,
  LASTING_MEMBERS,
  type MappingSettings,
} from '../event-sources/mapping-members.ts';
import { checkedMapping } from '../event-sources/mapping-rules.ts';
import type { LambdaParts } from '../lambda-deps.ts';
import { PAGE_MEMBERS, PAGE_QUERY, pageOf } from '../pages.ts';
import { changeAt } from '../setting-place.ts';
import { checkTags, type Tags } from '../tags.ts';
import { FUNCTION_NAME } from './members.ts';

/** What a record's value holds. */
type KeptMapping = MappingSettings & { readonly Tags?: Tags };

const PATHS = {
  all: '/2015-03-31/event-source-mappings',
  one: '/2015-03-31/event-source-mappings/{UUID}',
} as const;
const MAPPINGS_LISTED_MAX = 100;
/** Said in the place of `USER_INITIATED`: a mapping is kept, and nothing is read for it yet. */
const WAITING = 'Kept; it begins to work when this node has a service for its event source.';
const Named = Type.Object({ UUID: Type.String({ minLength: 1 }) });

/** What brings events from queues and streams to functions: kept and checked; they run when those services are there. */
export function eventSourceOperations(parts: LambdaParts): Operation[] {
  const { store, catalog, arns, clock } = parts;
  const viewOf = (record: LambdaEventSourceRecord, state: string): Record<string, unknown> => {
    const { Tags: _tags, Enabled: _enabled, ...settings } = record.value as KeptMapping;
    return {
      ...settings,
      UUID: record.id,
      EventSourceMappingArn: arns.eventSource(record.id),
      FunctionArn: arns.function(record.function, record.qualifier === '' ? null : record.qualifier),
      LastModified: record.modifiedAt / 1_000,
      LastProcessingResult: 'No records processed',
      State: state,
      StateTransitionReason: WAITING,
    };
  };
  const restingState = ({ value }: LambdaEventSourceRecord): string =>
    (value as KeptMapping).Enabled === false ? 'Disabled' : 'Enabled';
  const existing = async (
    id: string,
    { principal }: Pick<OperationCall<unknown>, 'principal'>,
  ): Promise<LambdaEventSourceRecord> => {
    const record = await store.getEventSource(id);
    if (record === null) throw notFound('The resource you requested does not exist.');
    await catalog.find(record.function, undefined, principal);
    return record;
  };
  return [
    operation({
      name: 'CreateEventSourceMapping',
      method: 'POST',
      path: PATHS.all,
      access: 'deploy',
      input: Type.Object({
        FunctionName: FUNCTION_NAME,
        ...CHANGEABLE_MEMBERS,
        ...LASTING_MEMBERS,
        Tags: Type.Optional(Type.Record(Type.String(), Type.String())),
      }),
      run: async ({ input, principal }) => {
        const { FunctionName, Tags = {}, ...given } = input;
        const settings = checkedMapping(given);
        checkTags(Tags);
        return await changeAt(parts, FunctionName, undefined, principal, async (place) => {
          const { function: fn, qualifier } = place;
          const source = given.EventSourceArn ?? '';
          const same = (await store.listEventSources(fn)).find(
            (one) => one.qualifier === qualifier && one.source === source && isSame(one, given),
          );
          if (same !== undefined) {
            throw conflict(
              `An event source mapping with event source (" ${source} ") and function (" ${fn} ") already exists. Please update or delete the existing mapping with UUID ${same.id}`,
            );
          }
          const value: LambdaDocument = { ...settings, Tags };
          const record = {
            id: randomUUID(),
            function: fn,
            qualifier,
            source,
            value,
            modifiedAt: clock.wall(),
          };
          await store.saveEventSource(record);
          return answer(202, viewOf(record, 'Creating'));
        });
      },
    }),
    operation({
      name: 'GetEventSourceMapping',
      method: 'GET',
      path: PATHS.one,
      access: 'read',
      input: Named,
      run: async (call) => {
        const record = await existing(call.input.UUID, call);
        return answer(200, viewOf(record, restingState(record)));
      },
    }),
    operation({
      name: 'ListEventSourceMappings',
      method: 'GET',
      path: PATHS.all,
      query: [...PAGE_QUERY, 'EventSourceArn', 'FunctionName'],
      access: 'read',
      input: Type.Object({
        ...PAGE_MEMBERS,
        EventSourceArn: Type.Optional(Type.String()),
        FunctionName: Type.Optional(FUNCTION_NAME),
      }),
      run: async ({ input, principal }) => {
        const { FunctionName, EventSourceArn } = input;
        const named =
          FunctionName === undefined ? null : await catalog.find(FunctionName, undefined, principal);
        const seen = new Set((await catalog.list(principal)).map(({ name }) => name));
        const all = (await store.listEventSources(named?.fn.name)).filter(
          ({ function: fn, source, qualifier }) =>
            seen.has(fn) &&
            (named === null || named.qualifier === null || named.qualifier === qualifier) &&
            (EventSourceArn === undefined || source === EventSourceArn),
        );
        const page = pageOf(all, ({ id }) => id, input, MAPPINGS_LISTED_MAX);
        const shown = page.items.map((record) => viewOf(record, restingState(record)));
        return answer(200, { EventSourceMappings: shown, ...page.next });
      },
    }),
    operation({
      name: 'UpdateEventSourceMapping',
      method: 'PUT',
      path: PATHS.one,
      access: 'deploy',
      input: Type.Object({
        ...Named.properties,
        ...CHANGEABLE_MEMBERS,
        FunctionName: Type.Optional(FUNCTION_NAME),
      }),
      run: async (call) => {
        const { UUID, FunctionName, ...given } = call.input;
        const before = await existing(UUID, call);
        const name = FunctionName ?? arns.function(before.function, before.qualifier || null);
        return await changeAt(parts, name, undefined, call.principal, async ({ function: fn, qualifier }) => {
          const { Tags, ...settings } = (await existing(UUID, call)).value as KeptMapping;
          const value: LambdaDocument = { ...checkedMapping({ ...settings, ...given }), Tags };
          const record = { ...before, function: fn, qualifier, value, modifiedAt: clock.wall() };
          await store.saveEventSource(record);
          return answer(202, viewOf(record, 'Updating'));
        });
      },
    }),
    operation({
      name: 'DeleteEventSourceMapping',
      method: 'DELETE',
      path: PATHS.one,
      access: 'deploy',
      input: Named,
      run: async (call) => {
        const record = await existing(call.input.UUID, call);
        await store.removeEventSource(record.id);
        return answer(202, viewOf(record, 'Deleting'));
      },
    }),
  ];
}

/** Sources of one ARN are told apart by what is read of them. */
function isSame({ value }: LambdaEventSourceRecord, given: MappingSettings): boolean {
  const content = ({ Topics, Queues, SelfManagedEventSource }: MappingSettings): string =>
    JSON.stringify([Topics, Queues, SelfManagedEventSource]);
  return content(value as MappingSettings) === content(given);
}
