import { randomUUID } from 'node:crypto';
import type { LiveApps } from '../../../../controlplane/releases/live-apps.ts';
import type { AsyncCallBounds, AsyncCallRules, EndedCall } from '../../../../ports/async-call-rules.ts';
import type { AsyncCall } from '../../../../ports/async-invocation-store.ts';
import type { Clock } from '../../../../ports/clock.ts';
import type { LambdaFunctionRecord, LambdaStore } from '../../../../ports/lambda-store.ts';
import { AwsError } from '../../aws-error.ts';
import { FunctionCatalog } from '../function-catalog.ts';
import { FunctionIdentities } from '../function-identities.ts';
import { type InvocationTarget, targetOf } from '../invocation-target.ts';
import { EVENT_SOURCE, invocationEvent } from '../invocations.ts';
import { environmentOf } from '../lambda-app.ts';
import { Arns, type FunctionReference, LATEST, readFunctionName } from '../names.ts';
import { destinationRecord } from './destination-record.ts';
import {
  EVENT_INVOKE_KIND,
  type EventSettings,
  eventSettingsOf,
  RECURSION_KIND,
  serviceOf,
} from './event-settings.ts';

interface EventRulesDeps {
  readonly store: LambdaStore;
  readonly live: LiveApps;
  readonly clock: Clock;
  readonly region: string;
}

/** The function of the API that an event is for, and what is set there. */
interface EventPlace {
  readonly reference: FunctionReference;
  readonly record: LambdaFunctionRecord;
  readonly settings: EventSettings;
}

/** Whoever set a destination was allowed to call it. */
const PLATFORM = { id: 'mayfly', name: 'mayfly', role: 'invoke', apps: null } as const;
const RETRIES_DEFAULT = 2;
/** Events that cause one another; then a loop is taken for an accident, as AWS does. */
const HOPS_MAX = 16;

/** What the Lambda API's settings say of events: how often and how long they are tried, and what their end causes. */
export class EventRules implements AsyncCallRules {
  readonly #deps: EventRulesDeps;
  readonly #arns: Arns;
  readonly #catalog: FunctionCatalog;

  constructor(deps: EventRulesDeps) {
    this.#deps = deps;
    this.#arns = new Arns(deps.region);
    this.#catalog = new FunctionCatalog({
      ...deps,
      arns: this.#arns,
      identities: new FunctionIdentities(deps.store),
    });
  }

  async boundsFor(call: AsyncCall): Promise<AsyncCallBounds> {
    const place = await this.#placeOf(call);
    if (place === null) return {};
    const { record, settings } = place;
    if (record.reserved === 0)
      return { refusal: { code: 'QUEUE_FULL', message: 'Its reserved concurrency is 0.' } };
    const { MaximumRetryAttempts: retries, MaximumEventAgeInSeconds: age } = settings;
    return {
      ...(retries === undefined ? {} : { attemptsMax: retries + 1 }),
      ...(age === undefined ? {} : { ageMaxMs: age * 1_000 }),
    };
  }

  async followUp(ended: EndedCall): Promise<AsyncCall | null> {
    const place = await this.#placeOf(ended.call);
    if (place === null) return null;
    const { OnSuccess, OnFailure } = place.settings.DestinationConfig ?? {};
    const destination = (ended.failure === null ? OnSuccess : OnFailure)?.Destination ?? '';
    // Queues, topics and buses: the setting waits for their services.
    if (serviceOf(destination) !== 'lambda') return null;
    const hops = Number(ended.call.event.lambdahops ?? 0) + 1;
    if (hops > HOPS_MAX && !(await this.#mayRecur(place.record.name))) return null;
    const target = await this.#targetOf(destination);
    return target === null ? null : await this.#callOf(target, ended, place, hops);
  }

  async #callOf(
    target: InvocationTarget,
    { call, failure, result }: EndedCall,
    { record, reference, settings }: EventPlace,
    hops: number,
  ): Promise<AsyncCall> {
    const { store, clock } = this.#deps;
    const now = clock.wall();
    const id = randomUUID();
    const versions = await store.listVersions(record.name);
    const version = versions.find((one) => environmentOf(one.version) === call.environment);
    const spent = call.attempts > (settings.MaximumRetryAttempts ?? RETRIES_DEFAULT);
    const ending = destinationRecord({
      call,
      attempts: call.attempts,
      condition:
        failure === null
          ? 'Success'
          : record.reserved === 0
            ? 'ZeroReservedConcurrency'
            : spent
              ? 'RetriesExhausted'
              : 'EventAgeExceeded',
      functionArn: this.#arns.function(record.name, reference.qualifier ?? LATEST),
      executedVersion: version === undefined || version.version === 0 ? LATEST : String(version.version),
      timeoutMs: Number(version?.configuration.Timeout ?? 0) * 1_000,
      result,
      now,
    });
    return {
      id,
      app: target.app,
      environment: target.environment,
      function: target.function,
      release: null,
      event: { ...invocationEvent({ id, arn: target.arn, clientContext: null, now }), lambdahops: hops },
      body: Buffer.from(JSON.stringify(ending)),
      traceparent: call.traceparent,
      enqueuedAt: now,
    };
  }

  /** Null: it was no event of this API, or its function is gone. */
  async #placeOf({ app, event }: AsyncCall): Promise<EventPlace | null> {
    const arn = event.invokedfunctionarn;
    if (event.source !== EVENT_SOURCE || typeof arn !== 'string') return null;
    const { store } = this.#deps;
    const reference = readFunctionName(arn);
    const record = await store.getFunction(reference.name);
    // What an envelope says of itself counts for the function only that it went to.
    if (record === null || record.app !== app) return null;
    const { qualifier } = reference;
    const at = qualifier === null || qualifier === LATEST ? '' : qualifier;
    const settings = eventSettingsOf(await store.getSetting(record.name, at, EVENT_INVOKE_KIND));
    return { reference, record, settings };
  }

  /** Null: the destination is gone, which is no reason to try for ever. */
  async #targetOf(destination: string): Promise<InvocationTarget | null> {
    try {
      const { fn, qualifier } = await this.#catalog.find(destination, undefined, PLATFORM);
      const { store } = this.#deps;
      return await targetOf({ store, catalog: this.#catalog, arns: this.#arns }, fn, qualifier);
    } catch (thrown) {
      if (thrown instanceof AwsError) return null;
      throw thrown;
    }
  }

  async #mayRecur(name: string): Promise<boolean> {
    const setting = await this.#deps.store.getSetting(name, '', RECURSION_KIND);
    return setting?.value.RecursiveLoop === 'Allow';
  }
}
