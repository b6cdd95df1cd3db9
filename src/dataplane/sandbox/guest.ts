import { COMPILE_CACHE_FOLDER } from '../../contract/compile-cache.ts';
import type { FailureMessage, LogMessage, SpecialiseMessage } from '../../contract/guest-messages.ts';
import { LineReader } from '../../contract/line-reader.ts';
import { guestMemoryMb } from '../../contract/runtimes.ts';
import type { FunctionVersion } from '../../domain/function-version.ts';
import type { ArtifactStore, CompileCache } from '../../ports/artifacts.ts';
import type { Clock } from '../../ports/clock.ts';
import type { InstanceCredential, InstanceCredentials } from '../../ports/instance-credentials.ts';
import type { CodeTree, Sandbox, SandboxExit } from '../../ports/sandbox.ts';
import type { CompileCaches } from './compile-caches.ts';
import { GuestLink } from './guest-link.ts';
import { type GatewayPlace, ownAddress } from './own-address.ts';

/** What becomes of a guest; each of `booted`, `ready` and `initFailed` at most once, `gone` exactly once. */
export interface GuestObserver {
  booted(): void;
  ready(initMs: number): void;
  initFailed(failure: FailureMessage): void;
  log(messages: readonly LogMessage[]): void;
  violated(what: string): void;
  gone(exit: SandboxExit): void;
}

export interface GuestDependencies {
  readonly artifacts: ArtifactStore;
  readonly compileCaches: CompileCaches;
  readonly clock: Clock;
  /** Known as soon as the gateway listens: until then no guest becomes a function. */
  readonly gateway: Promise<GatewayPlace>;
  /** Absent: functions get none. */
  readonly credentials?: InstanceCredentials;
}

/** Longest line taken from a pipe; a longer one is cut there. */
const RAW_LINE_BYTES_MAX = 64 * 1024;

/** V8's last words when its heap, which is smaller than the sandbox's bound, is full. */
const HEAP_EXHAUSTED = /JavaScript heap out of memory/;

/** One sandbox with a guest in it: empty at first, then for ever one function version. */
export class Guest {
  readonly sandbox: Sandbox;
  readonly link: GuestLink;
  readonly #artifacts: ArtifactStore;
  readonly #compileCaches: CompileCaches;
  readonly #gateway: Promise<GatewayPlace>;
  readonly #credentials: InstanceCredentials | undefined;
  #credential: InstanceCredential | null = null;
  #gone = false;
  #tree: CodeTree | null = null;
  /** The version that it loads and is to make the compile cache of. */
  #cacheOf: FunctionVersion | null = null;

  constructor(
    sandbox: Sandbox,
    observer: GuestObserver,
    { artifacts, compileCaches, clock, gateway, credentials }: GuestDependencies,
  ) {
    this.sandbox = sandbox;
    this.#artifacts = artifacts;
    this.#compileCaches = compileCaches;
    this.#gateway = gateway;
    this.#credentials = credentials;
    this.link = new GuestLink(sandbox.channel, {
      booted: () => observer.booted(),
      specialised: (message, compileCache) => {
        observer.ready(message.initMs);
        this.#keep(compileCache);
      },
      initFailed: (failure) => observer.initFailed(failure),
      log: (messages) => observer.log(messages),
      violated: (what) => observer.violated(what),
    });
    this.link.wake();
    // What bypasses the guest's console (native code, child processes) comes by the pipes.
    const raw = (level: 'info' | 'error') => (message: string) =>
      observer.log([{ time: clock.wall(), level, requestId: null, message }]);
    const out = new LineReader(RAW_LINE_BYTES_MAX, raw('info'));
    let heapExhausted = false;
    const err = new LineReader(RAW_LINE_BYTES_MAX, (message) => {
      heapExhausted ||= HEAP_EXHAUSTED.test(message);
      raw('error')(message);
    });
    sandbox.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    sandbox.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    void sandbox.exited.then((exit) => {
      this.link.close();
      out.end();
      err.end();
      if (this.#cacheOf !== null) compileCaches.unmade(this.#cacheOf);
      if (this.#tree !== null) artifacts.returnTree(this.#tree);
      this.#credential?.revoke();
      this.#gone = true;
      observer.gone(heapExhausted ? { ...exit, reason: 'memory' } : exit);
    });
  }

  /**
   * Gives the guest its code and its configuration; the guest answers by `ready` or `initFailed`.
   * @throws MayflyError STORAGE_FULL, INTERNAL
   */
  async specialise(version: FunctionVersion): Promise<void> {
    const { sandbox } = this;
    // It takes as long to wake up as this process takes for what the guest needs first.
    this.link.wake();
    const { memoryMb, cpuMillis } = version.limits;
    sandbox.constrain({ memoryMb, cpuMillis, guestMb: guestMemoryMb(version.runtime) });
    const tree = await this.#artifacts.takeTree(version.artifact, version.key);
    this.#tree = tree;
    const codeDir = await sandbox.giveCode(tree);
    const makeCompileCache = this.#compileCaches.ask(version, tree);
    if (makeCompileCache) this.#cacheOf = version;
    const gateway = await this.#gateway;
    const message: SpecialiseMessage = {
      codeDir,
      handler: version.handler,
      ...(version.command === undefined ? {} : { command: version.command }),
      dialect: version.dialect,
      env: this.#environmentOf(version),
      app: version.app,
      environment: version.environment,
      function: version.name,
      version: version.version,
      memoryMb: version.limits.memoryMb,
      timeoutMs: version.limits.timeoutMs,
      perInstance: version.limits.perInstance,
      own: ownAddress(gateway, version.app, version.environment),
      compileCacheDir: tree.compileCache === null ? null : `${codeDir}/${COMPILE_CACHE_FOLDER}`,
      makeCompileCache,
    };
    this.link.specialise(message, version.limits.perInstance);
  }

  /** The function's own variables, which go before those that the platform gives. */
  #environmentOf(version: FunctionVersion): Readonly<Record<string, string>> {
    // Nobody would take it back.
    if (this.#credentials === undefined || this.#gone) return version.env;
    this.#credential = this.#credentials.issue(version);
    return { ...this.#credential.variables, ...version.env };
  }

  #keep(compileCache: CompileCache | null): void {
    if (this.#cacheOf !== null && compileCache !== null)
      this.#compileCaches.made(this.#cacheOf, compileCache);
    this.#cacheOf = null;
  }
}
