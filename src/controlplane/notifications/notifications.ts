import type { NotifyAnswer, NotifyRequest, NotifyTarget } from '../../contract/notify-api.ts';
import { MayflyError, toMayflyError } from '../../domain/errors.ts';
import { randomHex } from '../../kit/ids.ts';
import { Semaphore } from '../../kit/semaphore.ts';
import type { Activity } from '../../ports/activity-listener.ts';
import type { Clock } from '../../ports/clock.ts';
import type { WebhookSender } from '../../ports/webhook-sender.ts';
import type { NotifyTargetRecord, WebhookStore } from '../../ports/webhook-store.ts';
import type { SecretPlace, SecretSealer } from '../secrets/secret-sealer.ts';
import { activityEvent, activityId } from './activity-event.ts';
import { newWebhookSecret, signatureHeaders } from './webhook-signature.ts';

interface NotificationsDeps {
  readonly store: WebhookStore;
  readonly sender: WebhookSender;
  readonly sealer: SecretSealer;
  readonly clock: Clock;
  readonly urlOf: (app: string, environment: string) => string;
  readonly onDefect: (error: MayflyError) => void;
  /** Waits between the attempts; there is one attempt more than waits. */
  readonly retryMs?: readonly number[];
}

const TARGETS_MAX = 20;
/** Notifications under way or waiting for their next attempt; beyond, new ones are dropped and the operator told. */
const PENDING_MAX = 1_000;
const SENT_AT_ONCE_MAX = 8;
const RETRY_MS = [1_000, 5_000, 30_000, 120_000, 600_000];
const ID_BYTES = 6;
const GONE = 410;

type Last = NonNullable<NotifyTarget['last']>;

/**
 * Tells whoever asked for it what is done to an app's environments. Nobody waits for it: what cannot be delivered is tried again a few
 * times and then given up, and what is pending when the node ends is lost.
 */
export class Notifications {
  readonly #deps: NotificationsDeps;
  readonly #sending = new Semaphore(SENT_AT_ONCE_MAX);
  readonly #waits = new Set<() => void>();
  readonly #last = new Map<string, Last>();
  #pending = 0;
  #closed = false;

  constructor(deps: NotificationsDeps) {
    this.#deps = deps;
  }

  /** An `ActivityListener`. */
  readonly tell = (activity: Activity): void => {
    if (this.#closed) return;
    void this.#tellAll(activity).catch((thrown) => this.#deps.onDefect(toMayflyError(thrown)));
  };

  /** @throws MayflyError VALIDATION_FAILED, CONFLICT when there are too many */
  async add(app: string, { url, environment, secret }: NotifyRequest): Promise<NotifyAnswer> {
    const { store, sealer, clock } = this.#deps;
    const target = URL.canParse(url) ? new URL(url) : null;
    if (
      target === null ||
      !/^https?:$/.test(target.protocol) ||
      target.username !== '' ||
      target.password !== ''
    )
      throw new MayflyError('VALIDATION_FAILED', `"${url}" is no http or https address without credentials.`);
    if ((await store.listTargets(app)).length >= TARGETS_MAX)
      throw new MayflyError('CONFLICT', `An app may notify ${TARGETS_MAX} addresses.`);
    const id = `n-${randomHex(ID_BYTES)}`;
    const plain = secret ?? newWebhookSecret();
    await store.insertTarget({
      app,
      id,
      environment: environment ?? null,
      url: target.href,
      secret: sealer.seal(plain, placeOf(app, id)),
      createdAt: clock.wall(),
    });
    return { id, secret: plain };
  }

  async list(app: string): Promise<NotifyTarget[]> {
    const targets = await this.#deps.store.listTargets(app);
    return targets.map(({ id, url, environment, createdAt }) => ({
      id,
      url,
      environment,
      createdAt,
      last: this.#last.get(`${app}/${id}`) ?? null,
    }));
  }

  /** @throws MayflyError NOT_FOUND */
  async remove(app: string, id: string): Promise<void> {
    if (!(await this.#deps.store.deleteTarget(app, id)))
      throw new MayflyError('NOT_FOUND', `The app "${app}" notifies nobody named "${id}".`);
    this.#last.delete(`${app}/${id}`);
  }

  /** Gives up what waits for another attempt. */
  close(): void {
    this.#closed = true;
    for (const wake of this.#waits) wake();
  }

  async #tellAll(activity: Activity): Promise<void> {
    const { store, urlOf } = this.#deps;
    const { app, environment } = activity;
    const targets = await store.listTargets(app);
    const concerned = targets.filter(
      (target) => target.environment === null || target.environment === environment,
    );
    if (concerned.length === 0) return;
    const body = activityEvent(activity, urlOf(app, environment));
    await Promise.all(concerned.map((target) => this.#deliver(target, activityId(activity), body)));
  }

  async #deliver(target: NotifyTargetRecord, id: string, body: string): Promise<void> {
    if (this.#pending >= PENDING_MAX) {
      this.#deps.onDefect(
        new MayflyError('INTERNAL', `${target.url} is not told of ${id}: too much is pending.`),
      );
      return;
    }
    this.#pending += 1;
    try {
      await this.#attempts(target, id, body);
    } finally {
      this.#pending -= 1;
    }
  }

  async #attempts(target: NotifyTargetRecord, id: string, body: string): Promise<void> {
    const { clock, retryMs = RETRY_MS } = this.#deps;
    for (let attempts = 1; ; attempts += 1) {
      const outcome = await this.#sending.run(() => this.#attempt(target, id, body));
      const delivered = typeof outcome === 'number' && outcome >= 200 && outcome < 300;
      this.#last.set(`${target.app}/${target.id}`, {
        at: clock.wall(),
        delivered,
        attempts,
        outcome: String(outcome),
      });
      const wait = retryMs[attempts - 1];
      if (delivered || outcome === GONE || wait === undefined) return;
      await this.#wait(wait);
      if (this.#closed) return;
    }
  }

  /** The status, or why there is none. */
  async #attempt({ app, id: targetId, url, secret }: NotifyTargetRecord, id: string, body: string) {
    const { sender, sealer, clock } = this.#deps;
    const plain = sealer.open(secret, placeOf(app, targetId));
    const signed = signatureHeaders(plain, id, Math.floor(clock.wall() / 1000), body);
    const headers = { ...signed, 'content-type': 'application/cloudevents+json; charset=utf-8' };
    return await sender.post({ url, headers, body }).catch((thrown: Error) => thrown.message);
  }

  /** Up to a quarter longer than `ms`, so that many that failed at once do not come back at once. */
  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waits.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms * (1 + Math.random() / 4));
      timer.unref?.();
      this.#waits.add(wake);
    });
  }
}

function placeOf(app: string, id: string): SecretPlace {
  return { app, environment: '', function: '', name: `notification ${id}` };
}
