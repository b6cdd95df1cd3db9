import { connect, type Socket } from 'node:net';

/** One answer as it came over a bare connection. */
export interface RawAnswer {
  readonly status: number;
  /** Status line and fields, as sent. */
  readonly head: string;
  readonly body: string;
}

/** An HTTP client that sends exactly the bytes it is told to, on one connection. */
export class RawClient {
  readonly socket: Socket;
  #received = '';
  #ended = false;
  #wake: () => void = () => {};

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.setEncoding('latin1');
    this.socket.on('data', (part: string) => {
      this.#received += part;
      this.#wake();
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  send(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** The next whole answer; `bodyless` for one to HEAD. @throws when the connection ends before, or in 5 s */
  async answer(bodyless = false): Promise<RawAnswer> {
    const head = await this.#take((text) => text.indexOf('\r\n\r\n') + 4, 4);
    const status = Number(head.slice(9, 12));
    if (bodyless || status < 200 || status === 204 || status === 304) return { status, head, body: '' };
    const length = /^content-length: *(\d+)/im.exec(head)?.[1];
    if (length !== undefined) return { status, head, body: await this.#take(() => Number(length), 0) };
    if (!/^transfer-encoding: *chunked/im.test(head)) return { status, head, body: await this.rest() };
    let body = '';
    for (;;) {
      const line = await this.#take((text) => text.indexOf('\r\n') + 2, 2);
      const size = Number.parseInt(line, 16);
      const part = await this.#take(() => size + 2, 0);
      if (size === 0) return { status, head, body };
      body += part.slice(0, -2);
    }
  }

  /** Everything until the server closes the connection. */
  async rest(): Promise<string> {
    await this.#until(() => this.#ended);
    const text = this.#received;
    this.#received = '';
    return text;
  }

  close(): void {
    this.socket.destroy();
  }

  async #take(length: (text: string) => number, least: number): Promise<string> {
    const whole = (): boolean => {
      const bytes = length(this.#received);
      return bytes >= least && this.#received.length >= bytes;
    };
    await this.#until(() => whole() || this.#ended);
    if (!whole()) throw new Error(`The connection ended after: ${this.#received}`);
    const bytes = length(this.#received);
    const text = this.#received.slice(0, bytes);
    this.#received = this.#received.slice(bytes);
    return text;
  }

  async #until(holds: () => boolean): Promise<void> {
    const deadline = AbortSignal.timeout(5_000);
    deadline.addEventListener('abort', () => this.#wake());
    while (!holds()) {
      if (deadline.aborted) throw new Error(`No answer within 5 s; so far: ${this.#received}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
