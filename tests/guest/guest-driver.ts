import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { bundleGuest } from '../../src/build/guest-bundle.ts';
import {
  decodeMeta,
  encodeChunkFrame,
  encodeFrame,
  encodeJsonFrame,
  encodeMetaFrame,
  encodeU32Frame,
  FrameFlag,
  FrameReader,
  FrameType,
  STREAM_WINDOW_BYTES,
} from '../../src/contract/frames.ts';
import type {
  FailureMessage,
  HeadMessage,
  HttpCall,
  InvokeMessage,
  LogMessage,
  SpecialiseMessage,
} from '../../src/contract/guest-messages.ts';

/** What a guest that does not answer gets before the test fails, ms. */
const PATIENCE_MS = 10_000;

/** One call as the platform sees it. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
  readonly failure: FailureMessage | null;
  /** CPU time that the call settled with, µs; -1 after a failure. */
  readonly cpuUs: number;
  /** Frames of the call's own stream, `HEAD+END+DONE` …; credits left out. */
  readonly frames: readonly string[];
}

export interface GuestExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A call on its way; `answer` settles when the call has. */
export class PendingCall {
  readonly stream: number;
  readonly answer: Promise<Answer>;
  readonly headSeen: Promise<HeadMessage>;
  /** False: response bytes are kept without being acknowledged. */
  consuming = true;
  /** Request bytes that the guest acknowledged. */
  creditedBytes = 0;
  #received = 0;
  #uncredited = 0;
  readonly #driver: GuestDriver;
  readonly #parts: Buffer[] = [];
  readonly #frames: string[] = [];
  #head: HeadMessage = { status: 0, headers: [] };
  readonly #resolve: (answer: Answer) => void;
  readonly #sawHead: (head: HeadMessage) => void;

  constructor(stream: number, driver: GuestDriver) {
    this.stream = stream;
    this.#driver = driver;
    const answer = Promise.withResolvers<Answer>();
    const head = Promise.withResolvers<HeadMessage>();
    this.answer = within(answer.promise, `an answer to call ${stream}`);
    this.answer.catch(() => undefined);
    this.#resolve = answer.resolve;
    this.headSeen = within(head.promise, `a head for call ${stream}`);
    this.headSeen.catch(() => undefined);
    this.#sawHead = head.resolve;
  }

  get receivedBytes(): number {
    return this.#received;
  }

  get body(): Buffer {
    return Buffer.concat(this.#parts);
  }

  chunk(body: Buffer | string, end = false): void {
    this.#driver.send(encodeChunkFrame(end ? FrameFlag.END : 0, this.stream, Buffer.from(body)));
  }

  cancel(): void {
    this.#driver.send(encodeFrame(FrameType.CANCEL, 0, this.stream));
  }

  /** Acknowledges everything that was received. */
  consume(): void {
    if (this.#uncredited === 0) return;
    this.#driver.send(encodeU32Frame(FrameType.CREDIT, this.stream, this.#uncredited));
    this.#uncredited = 0;
  }

  frame(type: number, flags: number, payload: Buffer): void {
    const done = (flags & FrameFlag.DONE) !== 0;
    const flagNames = `${(flags & FrameFlag.END) === 0 ? '' : '+END'}${done ? '+DONE' : ''}`;
    switch (type) {
      case FrameType.CREDIT:
        this.creditedBytes += payload.readUInt32LE(0);
        return;
      case FrameType.HEAD: {
        this.#frames.push(`HEAD${flagNames}`);
        const { meta, body, cpuUs } = decodeMeta<HeadMessage>(payload, flags);
        this.#head = meta;
        this.#sawHead(meta);
        if (body !== null) this.#take(body);
        if (done) this.#settle(cpuUs, null);
        return;
      }
      case FrameType.CHUNK:
        this.#frames.push(`CHUNK${flagNames}`);
        this.#take(done ? payload.subarray(0, payload.length - 4) : payload);
        if (done) this.#settle(payload.readUInt32LE(payload.length - 4), null);
        return;
      case FrameType.DONE:
        this.#frames.push('DONE');
        this.#settle(payload.readUInt32LE(0), null);
        return;
      case FrameType.ERROR:
        this.#frames.push('ERROR');
        this.#settle(-1, JSON.parse(payload.toString()) as FailureMessage);
        return;
      default:
        throw new Error(`unexpected frame ${type}`);
    }
  }

  #take(body: Buffer): void {
    this.#parts.push(body);
    this.#received += body.length;
    this.#uncredited += body.length;
    if (this.#uncredited > STREAM_WINDOW_BYTES) throw new Error('the guest sent more than its window');
    if (this.consuming) this.consume();
  }

  #settle(cpuUs: number, failure: FailureMessage | null): void {
    const { status, headers } = this.#head;
    this.#resolve({ status, headers, body: this.body, failure, cpuUs, frames: this.#frames });
  }
}

/** What `invoke` may be told; the rest has defaults. */
export interface CallOptions {
  readonly http?: Partial<HttpCall>;
  readonly event?: Record<string, unknown>;
  readonly body?: Buffer | string;
  /** False: more of the body follows by `chunk`. */
  readonly end?: boolean;
  readonly id?: string;
  readonly deadline?: number;
}

/** A real guest in a child process, bundled as it ships, and the platform's end of its socket. */
export class GuestDriver implements AsyncDisposable {
  static #bundle: Promise<string> | null = null;
  static #folders: string[] = [];

  readonly child: ChildProcess;
  readonly channel: Duplex;
  readonly folder: string;
  readonly logs: LogMessage[] = [];
  readonly exited: Promise<GuestExit>;
  readonly booted: Promise<void>;
  stderr = '';
  #specialised = Promise.withResolvers<FailureMessage | null>();
  readonly #calls = new Map<number, PendingCall>();
  #nextStream = 1;

  private constructor(guest: string, folder: string, env: Record<string, string>) {
    this.folder = folder;
    this.child = spawn(process.execPath, [guest], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, ...env },
    });
    this.channel = this.child.stdio[3] as Duplex;
    const boot = Promise.withResolvers<void>();
    this.booted = boot.promise;
    this.exited = new Promise((resolve) => {
      this.child.on('exit', (code, signal) => resolve({ code, signal }));
    });
    const reader = new FrameReader((type, flags, stream, payload) => {
      if (stream === 0) this.#instanceFrame(type, payload, boot.resolve);
      else this.#calls.get(stream)?.frame(type, flags, payload);
    });
    this.channel.on('data', (chunk: Buffer) => reader.push(chunk));
    this.channel.on('error', () => undefined);
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
  }

  /** Boots a guest in a folder with these files. */
  static async boot(
    files: Record<string, string | Buffer> = {},
    env: Record<string, string> = {},
  ): Promise<GuestDriver> {
    GuestDriver.#bundle ??= GuestDriver.#build();
    const guest = await GuestDriver.#bundle;
    const folder = await temporaryFolder('mayfly-function-');
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    return new GuestDriver(guest, folder, env);
  }

  /** Boots a guest, lets it warm up and loads a function; fails when loading does. */
  static async load(
    files: Record<string, string | Buffer> | string,
    message: Partial<SpecialiseMessage> = {},
  ): Promise<GuestDriver> {
    const driver = await GuestDriver.boot(typeof files === 'string' ? { 'index.mjs': files } : files);
    await within(driver.booted, 'BOOTED');
    const failure = await driver.specialise(message);
    if (failure !== null) {
      await driver[Symbol.asyncDispose]();
      throw new Error(`${failure.name}: ${failure.message}\n${failure.stack}`);
    }
    return driver;
  }

  static async #build(): Promise<string> {
    const folder = await temporaryFolder('mayfly-guest-');
    GuestDriver.#folders.push(folder);
    await bundleGuest(join(folder, 'node.cjs'));
    return join(folder, 'node.cjs');
  }

  /** Removes the bundle; call it after the last test of a file. */
  static async clean(): Promise<void> {
    for (const folder of GuestDriver.#folders.splice(0)) await rm(folder, { recursive: true });
    GuestDriver.#bundle = null;
  }

  /** Null when the function is loaded, else why not. */
  async specialise(message: Partial<SpecialiseMessage> = {}): Promise<FailureMessage | null> {
    this.#specialised = Promise.withResolvers();
    this.send(
      encodeJsonFrame(FrameType.SPECIALISE, 0, {
        codeDir: this.folder,
        handler: { file: 'index.mjs', export: 'default' },
        dialect: 'fetch',
        env: {},
        app: 'shop',
        environment: 'production',
        function: 'cart',
        version: '0123456789abcdef',
        memoryMb: 256,
        timeoutMs: 5_000,
        compileCacheDir: null,
        ...message,
      } satisfies SpecialiseMessage),
    );
    return within(this.#specialised.promise, 'SPECIALISED');
  }

  /** Starts a call. */
  call(options: CallOptions = {}): PendingCall {
    const call = new PendingCall(this.#nextStream, this);
    this.#nextStream += 1;
    this.#calls.set(call.stream, call);
    const http: HttpCall = {
      method: 'GET',
      url: 'http://shop.localhost:8080/cart?x=1',
      headers: ['Host', 'shop.localhost:8080'],
      remoteAddress: '192.0.2.1',
      route: '/cart',
      params: {},
      ...options.http,
    };
    const message: InvokeMessage = {
      id: options.id ?? `request-${call.stream}`,
      release: 'r1',
      deadline: options.deadline ?? Date.now() + 5_000,
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      ...(options.event === undefined ? { http } : { event: options.event }),
    };
    const body = options.body === undefined ? null : Buffer.from(options.body);
    const flags = options.end === false ? 0 : FrameFlag.END;
    this.send(encodeMetaFrame(FrameType.INVOKE, flags, call.stream, JSON.stringify(message), body));
    return call;
  }

  /** Runs a call to its end. */
  invoke(options: CallOptions = {}): Promise<Answer> {
    return this.call(options).answer;
  }

  /** Invokes with an event of type `mayfly.invoke` and JSON data; returns the parsed result or throws the failure. */
  async invokeEvent(data: unknown, event: Record<string, unknown> = {}): Promise<unknown> {
    const answer = await this.invoke({
      event: {
        specversion: '1.0',
        id: 'e1',
        source: 'test',
        type: 'mayfly.invoke',
        datacontenttype: 'application/json',
        ...event,
      },
      body: JSON.stringify(data),
    });
    if (answer.failure !== null) throw Object.assign(new Error(answer.failure.message), answer.failure);
    return JSON.parse(answer.body.toString());
  }

  send(frame: Buffer): void {
    this.channel.write(frame);
  }

  drain(): void {
    this.send(encodeFrame(FrameType.DRAIN, 0, 0));
  }

  /** Waits for a log line that fits. */
  async log(fits: (line: LogMessage) => boolean): Promise<LogMessage> {
    return eventually(
      () => this.logs.find(fits),
      `a log line; there were ${JSON.stringify(this.logs).slice(0, 2_000)}`,
    );
  }

  async exit(): Promise<GuestExit> {
    return within(this.exited, 'the exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.channel.destroy();
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.exited;
    await rm(this.folder, { recursive: true, force: true });
  }

  #instanceFrame(type: number, payload: Buffer, booted: () => void): void {
    if (type === FrameType.BOOTED) booted();
    else if (type === FrameType.SPECIALISED) this.#specialised.resolve(null);
    else if (type === FrameType.ERROR)
      this.#specialised.resolve(JSON.parse(payload.toString()) as FailureMessage);
    else if (type === FrameType.LOG) this.logs.push(...(JSON.parse(payload.toString()) as LogMessage[]));
    else throw new Error(`unexpected frame ${type} on stream 0`);
  }
}

/** The value of a header, all of them when repeated. */
export function headerValues(answer: Pick<Answer, 'headers'>, name: string): string[] {
  return answer.headers.filter((_, at) => at % 2 === 1 && answer.headers[at - 1]!.toLowerCase() === name);
}

/** Polls until `find` gives something. */
export async function eventually<T>(find: () => T | undefined | null | false, what: string): Promise<T> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = find();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > giveUpAt) throw new Error(`no sign of ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function temporaryFolder(prefix: string): Promise<string> {
  return mkdtemp(join(tmpdir(), prefix));
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no sign of ${what}`)), PATIENCE_MS).unref();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
