import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { bundleGuest } from '../../src/build/guest-bundle.ts';
import {
  encodeFrame,
  encodeJsonFrame,
  encodeMetaFrame,
  FrameFlag,
  FrameReader,
  FrameType,
} from '../../src/contract/frames.ts';
import type {
  FailureMessage,
  HttpCall,
  InvokeMessage,
  LogMessage,
  SpecialiseMessage,
} from '../../src/contract/guest-messages.ts';
import { CompileCacheReader } from '../../src/dataplane/sandbox/compile-cache-reader.ts';
import type { CompileCache } from '../../src/ports/artifacts.ts';
import { eventually, within } from './patience.ts';
import { type Answer, PendingCall } from './pending-call.ts';

export interface GuestExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
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
  readonly pin?: string;
}

/** What starts a guest: a program and its arguments. */
export type GuestCommand = readonly [program: string, ...words: string[]];

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
  /** How long it may take to leave by itself, when it has something to clear away, ms. */
  leaveMs = 0;
  #specialised = Promise.withResolvers<FailureMessage | null>();
  readonly #calls = new Map<number, PendingCall>();
  readonly #compileCache = new CompileCacheReader();
  #nextStream = 1;

  private constructor(command: GuestCommand, folder: string, env: Record<string, string>) {
    this.folder = folder;
    const [program, ...words] = command;
    this.child = spawn(program, words, {
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
      if (stream === 0) this.#instanceFrame(type, flags, payload, boot.resolve);
      else this.#calls.get(stream)?.frame(type, flags, payload);
    });
    this.channel.on('data', (chunk: Buffer) => reader.push(chunk));
    this.channel.on('error', () => undefined);
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
  }

  /** Boots a guest in a folder with these files; `guest` is the file that Node runs, or what to run. */
  static async boot(
    files: Record<string, string | Buffer> = {},
    env: Record<string, string> = {},
    guest?: string | GuestCommand,
  ): Promise<GuestDriver> {
    const command = typeof guest === 'object' ? guest : await GuestDriver.#nodeGuest(guest);
    const folder = await temporaryFolder('mayfly-function-');
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    return new GuestDriver(command, folder, env);
  }

  /** Boots a guest, lets it warm up and loads a function; fails when loading does. */
  static async load(
    files: Record<string, string | Buffer> | string,
    message: Partial<SpecialiseMessage> = {},
    guest?: GuestCommand,
  ): Promise<GuestDriver> {
    const all = typeof files === 'string' ? { 'index.mjs': files } : files;
    const driver = await GuestDriver.boot(all, {}, guest);
    await within(driver.booted, 'BOOTED');
    const failure = await driver.specialise(message);
    if (failure !== null) {
      await driver[Symbol.asyncDispose]();
      throw new Error(`${failure.name}: ${failure.message}\n${failure.stack}`);
    }
    return driver;
  }

  static async #nodeGuest(file: string | undefined): Promise<GuestCommand> {
    if (file === undefined) GuestDriver.#bundle ??= GuestDriver.#build();
    // GUEST_NODE: a Node.js of another version, to see the guest on it.
    return [process.env.GUEST_NODE ?? process.execPath, file ?? (await GuestDriver.#bundle!)];
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
        perInstance: 1,
        own: { url: 'http://127.0.0.1:1/@shop', name: 'shop', gateways: [], hosts: [] },
        compileCacheDir: null,
        makeCompileCache: false,
        ...message,
      } satisfies SpecialiseMessage),
    );
    return within(this.#specialised.promise, 'SPECIALISED');
  }

  /** The compile cache that the guest sent so far. */
  get compileCache(): CompileCache | null {
    return this.#compileCache.finish();
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
      pin: options.pin ?? 'r1.0123',
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
    const left = () => this.child.exitCode !== null || this.child.signalCode !== null;
    for (let waitedMs = 0; !left() && waitedMs < this.leaveMs; waitedMs += 2)
      await new Promise((resolve) => setTimeout(resolve, 2));
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.exited;
    await rm(this.folder, { recursive: true, force: true });
  }

  #instanceFrame(type: number, flags: number, payload: Buffer, booted: () => void): void {
    if (type === FrameType.BOOTED) booted();
    else if (type === FrameType.SPECIALISED) this.#specialised.resolve(null);
    else if (type === FrameType.ERROR)
      this.#specialised.resolve(JSON.parse(payload.toString()) as FailureMessage);
    else if (type === FrameType.CACHE) this.#compileCache.add(payload, flags);
    else if (type === FrameType.LOG) this.logs.push(...(JSON.parse(payload.toString()) as LogMessage[]));
    else throw new Error(`unexpected frame ${type} on stream 0`);
  }
}

async function temporaryFolder(prefix: string): Promise<string> {
  return mkdtemp(join(tmpdir(), prefix));
}
