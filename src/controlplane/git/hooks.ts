import { randomBytes } from 'node:crypto';
import type { HookAnswer, HookDescription, HookReceipt, HookRequest } from '../../contract/hook-api.ts';
import { MayflyError, toMayflyError } from '../../domain/errors.ts';
import { randomHex } from '../../kit/ids.ts';
import { KeyedLock } from '../../kit/keyed-lock.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Repositories } from '../../ports/repositories.ts';
import type { HookDeliveryRecord, HookRecord, WebhookStore } from '../../ports/webhook-store.ts';
import type { SecretPlace, SecretSealer } from '../secrets/secret-sealer.ts';
import type { GitDeployments } from './git-deployments.ts';
import { type RawDelivery, readDelivery } from './hook-delivery.ts';

interface HooksDeps {
  readonly store: WebhookStore;
  readonly repositories: Repositories;
  readonly deployments: GitDeployments;
  readonly sealer: SecretSealer;
  readonly clock: Clock;
  readonly onDefect: (error: MayflyError) => void;
}

const HOOKS_MAX = 10;
const ID_BYTES = 12;
const SECRET_BYTES = 32;
const DELIVERIES_SHOWN_MAX = 20;
/** Of what was said, the last lines are kept. */
const LINES_KEPT_MAX = 40;
const MESSAGE_CHARS_MAX = 8_000;

/** Deploys what is pushed elsewhere: a Git host reports that a branch has changed, and the node fetches and deploys it like a push. */
export class Hooks {
  readonly #deps: HooksDeps;
  /** By app: a branch is looked at only when the deploy before is over. */
  readonly #lock = new KeyedLock();
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(deps: HooksDeps) {
    this.#deps = deps;
  }

  /** Settles what a node that was killed had begun; called once, at start. */
  async resume(): Promise<void> {
    await this.#deps.store.failRunning('The node ended meanwhile; send the delivery again.');
  }

  /** @throws MayflyError VALIDATION_FAILED, CONFLICT when there are too many, GIT_MISSING */
  async add(app: string, request: HookRequest): Promise<HookAnswer> {
    const { store, repositories, sealer, clock } = this.#deps;
    const url = URL.canParse(request.url) ? new URL(request.url) : null;
    if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
      throw new MayflyError(
        'VALIDATION_FAILED',
        `"${request.url}" is no http or https address without credentials.`,
      );
    if ((await store.listHooks(app)).length >= HOOKS_MAX)
      throw new MayflyError('CONFLICT', `An app may have ${HOOKS_MAX} hooks.`);
    await repositories.ensure(app, request.productionBranch ?? null);
    const id = `h-${randomHex(ID_BYTES)}`;
    const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
    const { credentials } = request;
    await store.insertHook({
      app,
      id,
      host: request.host,
      url: url.href,
      secret: sealer.seal(secret, placeOf(app, id, 'secret')),
      credentials:
        credentials === undefined
          ? null
          : sealer.seal(JSON.stringify(credentials), placeOf(app, id, 'credentials')),
      createdAt: clock.wall(),
    });
    return { id, secret, path: pathOf(app, id) };
  }

  async list(app: string): Promise<HookDescription[]> {
    const { store } = this.#deps;
    const hooks = await store.listHooks(app);
    return await Promise.all(
      hooks.map(async ({ id, host, url, createdAt }) => {
        const deliveries = await store.listDeliveries(app, id, DELIVERIES_SHOWN_MAX);
        const shown = deliveries.map(({ app: _app, hook: _hook, ...delivery }) => delivery);
        return { id, host, url, path: pathOf(app, id), createdAt, deliveries: shown };
      }),
    );
  }

  /** @throws MayflyError NOT_FOUND */
  async remove(app: string, id: string): Promise<void> {
    if (!(await this.#deps.store.deleteHook(app, id))) throw hookNotFound(app, id);
  }

  /**
   * Takes what a host sent; the deploy goes on after the answer. The same delivery again changes nothing.
   * @throws MayflyError NOT_FOUND, TOKEN_INVALID, BAD_REQUEST
   */
  async receive(app: string, id: string, raw: RawDelivery): Promise<HookReceipt> {
    const { store, sealer, clock } = this.#deps;
    const hook = await store.findHook(app, id);
    if (hook === null) throw hookNotFound(app, id);
    const secret = sealer.open(hook.secret, placeOf(app, id, 'secret'));
    const delivery = readDelivery(hook.host, secret, raw, clock.wall() / 1000);
    const state = delivery.branch === null ? 'ignored' : 'running';
    const record: HookDeliveryRecord = {
      app,
      hook: id,
      id: delivery.id,
      at: clock.wall(),
      branch: delivery.branch,
      state,
      message: state === 'ignored' ? 'It is about no branch.' : '',
    };
    const fresh = await store.insertDelivery(record);
    const accepted = fresh && delivery.branch !== null;
    if (accepted) this.#start(hook, record, delivery.branch!);
    return { delivery: delivery.id, accepted };
  }

  /** Takes nothing more, and gives up what is under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#running);
  }

  #start(hook: HookRecord, record: HookDeliveryRecord, branch: string): void {
    const running = this.#lock
      .run(hook.app, () => this.#deploy(hook, record, branch))
      .catch((thrown) => this.#deps.onDefect(toMayflyError(thrown)))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #deploy(hook: HookRecord, record: HookDeliveryRecord, branch: string): Promise<void> {
    const { repositories, deployments, sealer, store } = this.#deps;
    const { app, id, url } = hook;
    const lines: string[] = [];
    const say = (line: string): void => {
      lines.push(line);
      if (lines.length > LINES_KEPT_MAX) lines.shift();
    };
    let state: HookDeliveryRecord['state'] = 'deployed';
    try {
      const sealed = hook.credentials;
      const credentials =
        sealed === null ? null : JSON.parse(sealer.open(sealed, placeOf(app, id, 'credentials')));
      const gate = deployments.gate(app, `hook ${id}`);
      await repositories.mirror(app, { url, branch, credentials }, gate, {
        say,
        signal: this.#closing.signal,
      });
    } catch (thrown) {
      state = 'failed';
      const { message, code } = toMayflyError(thrown);
      if (!lines.some((line) => line.includes(`[${code}]`))) say(`error: ${message} [${code}]`);
    }
    const message = lines.join('\n').slice(-MESSAGE_CHARS_MAX);
    await store.settleDelivery({ ...record, state, message });
  }
}

const pathOf = (app: string, id: string): string => `/v1/hooks/${app}/${id}`;

function placeOf(app: string, id: string, what: string): SecretPlace {
  return { app, environment: '', function: '', name: `hook ${id} ${what}` };
}

function hookNotFound(app: string, id: string): MayflyError {
  return new MayflyError('NOT_FOUND', `The app "${app}" has no hook "${id}".`);
}
