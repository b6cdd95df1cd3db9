import { Duplex } from 'node:stream';

/**
 * The connection that a call's request and response seem to have: where the client is, whether it is still there. Nothing
 * goes through it.
 */
export class CallSocket extends Duplex {
  readonly encrypted: boolean;
  readonly remoteAddress: string;
  readonly remoteFamily: string;
  readonly remotePort = 0;
  readonly localAddress = '127.0.0.1';
  readonly localPort: number;
  readonly connecting = false;
  readonly pending = false;
  readonly timeout = 0;

  constructor(url: string, remoteAddress: string) {
    super({ autoDestroy: false, emitClose: true });
    this.encrypted = url.startsWith('https:');
    this.remoteAddress = remoteAddress;
    this.remoteFamily = remoteAddress.includes(':') ? 'IPv6' : 'IPv4';
    this.localPort = this.encrypted ? 443 : 80;
    // Destroying with an error is how code drops a connection; nobody has to listen for it.
    this.on('error', () => undefined);
  }

  override _read(): void {
    // Nothing comes: the request's body has a way of its own.
  }

  override _write(_part: unknown, _encoding: string, done: (error?: Error | null) => void): void {
    done();
  }

  address(): object {
    return { address: this.localAddress, family: 'IPv4', port: this.localPort };
  }

  setTimeout(_ms: number, listener?: () => void): this {
    if (listener !== undefined) this.once('timeout', listener);
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  destroySoon(): void {
    this.destroy();
  }
}
