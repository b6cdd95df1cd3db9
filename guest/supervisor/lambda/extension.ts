import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { ApiError, answerJson, invalidState } from './api-error.ts';

export type ExtensionEvent = 'INVOKE' | 'SHUTDOWN';

/**
 * One extension:
 *
 * ```
 *  launched ──register──► registered ──next──► ready ⇄ busy
 *     └──────────────┴──────── init/error, exit/error, its end ──► failed
 * ```
 * An internal one, a part of the runtime's own process, begins as registered.
 */
export class Extension {
  readonly id = randomUUID();
  readonly name: string;
  readonly external: boolean;
  state: 'launched' | 'registered' | 'ready' | 'busy' | 'failed' = 'launched';
  #events: readonly ExtensionEvent[] = [];
  #request: ServerResponse | null = null;
  #pending: object[] = [];
  readonly #changed: () => void;

  constructor(name: string, external: boolean, changed: () => void) {
    this.name = name;
    this.external = external;
    this.#changed = changed;
  }

  get events(): readonly ExtensionEvent[] {
    return this.#events;
  }

  /** @throws ApiError when it did already */
  register(events: readonly ExtensionEvent[]): void {
    if (this.state !== 'launched') throw wrongState(this, 'Registered');
    this.#events = events;
    this.#become('registered');
  }

  /** It asks for an event, and waits for one. @throws ApiError */
  next(res: ServerResponse): void {
    if (this.state === 'launched' || this.state === 'failed' || this.#request !== null)
      throw wrongState(this, 'Ready');
    this.#request = res;
    res.once('close', () => {
      if (this.#request === res) this.#request = null;
    });
    this.#become('ready');
    const event = this.#pending.shift();
    if (event !== undefined) this.#send(event);
  }

  /** Tells it, if it wants to know. */
  tell(kind: ExtensionEvent, event: object): void {
    if (!this.#events.includes(kind) || this.state === 'failed') return;
    if (this.#request === null) this.#pending.push({ eventType: kind, ...event });
    else this.#send({ eventType: kind, ...event });
  }

  /** @throws ApiError when it has not registered */
  fail(): void {
    if (this.state === 'launched' || this.state === 'failed') throw wrongState(this, 'Failed');
    this.#become('failed');
  }

  #send(event: object): void {
    const res = this.#request!;
    this.#request = null;
    this.#become('busy');
    res.setHeader('lambda-extension-event-identifier', randomUUID());
    answerJson(res, 200, event);
  }

  #become(state: Extension['state']): void {
    this.state = state;
    this.#changed();
  }
}

function wrongState({ name, state }: Extension, to: string): ApiError {
  const { status, message } = invalidState(`extension ${name}`, state, to);
  return new ApiError(status, 'Extension.InvalidExtensionState', message);
}
