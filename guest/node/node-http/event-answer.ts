import type { Responder } from '../responder.ts';

/** Keeps an HTTP answer to an event until its status says whether it is a result or a failure. */
export class EventAnswer implements Responder {
  #status = 0;
  #headers: readonly string[] = [];
  #parts: Uint8Array[] = [];

  get begun(): boolean {
    return this.#status > 0;
  }

  whole(status: number, headers: readonly string[], body: Uint8Array | string | null): void {
    this.head(status, headers);
    if (body !== null) this.chunk(typeof body === 'string' ? Buffer.from(body) : body);
  }

  head(status: number, headers: readonly string[]): void {
    this.#status = status;
    this.#headers = headers;
  }

  chunk(part: Uint8Array): undefined {
    this.#parts[this.#parts.length] = part;
  }

  end(): void {
    // Nothing waits for the end but `giveTo`.
  }

  /** @throws RefusedEvent when the status is no success */
  giveTo(respond: Responder): void {
    const body = Buffer.concat(this.#parts);
    if (this.#status >= 300)
      throw new RefusedEvent(this.#status, body.toString('utf8', 0, REFUSAL_BYTES_MAX));
    let type = 'application/octet-stream';
    for (let at = 0; at < this.#headers.length; at += 2) {
      if (this.#headers[at]!.toLowerCase() === 'content-type') type = this.#headers[at + 1]!;
    }
    respond.whole(200, ['content-type', type], body);
  }
}

/** As much of an answer as is repeated in an error. */
const REFUSAL_BYTES_MAX = 512;

class RefusedEvent extends Error {
  override readonly name = 'EventRefused';

  constructor(status: number, text: string) {
    super(`The function answered the event with status ${status}${text === '' ? '.' : `: ${text}`}`);
  }
}
