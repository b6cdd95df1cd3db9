import type { FailureMessage, LogMessage } from '../../contract/guest-messages.ts';
import { MayflyError, toMayflyError } from '../../domain/errors.ts';
import type { FunctionVersion } from '../../domain/function-version.ts';
import { LinkedList } from '../../kit/linked-list.ts';
import type { SandboxDriver, SandboxExit } from '../../ports/sandbox.ts';
import { Guest, type GuestDependencies, type GuestObserver } from '../sandbox/guest.ts';
import type { Instance } from '../scheduler/instance.ts';
import type { Call } from './call.ts';
import { CallDeadlines } from './call-deadlines.ts';

export interface InstanceDependencies extends GuestDependencies {
  readonly driver: SandboxDriver;
}

/** What the dispatcher learns of an instance. */
export interface InstanceReports {
  booted(process: InstanceProcess): void;
  /** Whether a call waits for this very guest to boot. */
  hurries(process: InstanceProcess): boolean;
  ready(process: InstanceProcess): void;
  /** It will not become usable; `gone` follows. */
  failed(process: InstanceProcess, error: MayflyError): void;
  log(process: InstanceProcess, messages: readonly LogMessage[]): void;
  /** It must take no further call. */
  condemned(process: InstanceProcess): void;
  /** The process has exited; `calls` are those that it took with it. */
  gone(process: InstanceProcess): void;
  complete(call: Call): void;
}

/** An empty guest must have loaded within this. */
const BOOT_TIMEOUT_MS = 30_000;
/** A draining instance has this long for its shutdown hooks. */
const DRAIN_TIMEOUT_MS = 2_000;

/**
 * The process side of an instance: what the scheduler decided, done, and what happened, told. Holds the calls that
 * run in it, since their fate hangs together: a time-out or a crash ends the instance, and then each of them.
 */
export class InstanceProcess implements GuestObserver {
  readonly instance: Instance<InstanceProcess>;
  /** In the order in which they began. (No `Set`: see `OpenStreams` for what its garbage would cost.) */
  readonly calls = new LinkedList<Call>();
  readonly #dependencies: InstanceDependencies;
  readonly #reports: InstanceReports;
  #guest: Guest | null = null;
  readonly #deadlines: CallDeadlines;
  #timer: NodeJS.Timeout | null = null;
  /** Why it ends, when it is known before the process is gone. */
  #verdict: MayflyError | null = null;
  #booted = false;
  #killed = false;
  /** Its end is no news: it was told to go, or why it goes was told. */
  #ending = false;
  /** What an empty guest said last: there is no function whose log would take it. */
  #lastWords = '';
  /** A call timed out while others shared the instance: they may still finish in their own time. */
  #lingering = false;
  #gone = false;

  constructor(
    instance: Instance<InstanceProcess>,
    dependencies: InstanceDependencies,
    reports: InstanceReports,
  ) {
    this.instance = instance;
    this.#dependencies = dependencies;
    this.#reports = reports;
    this.#deadlines = new CallDeadlines(this.calls, dependencies.clock, (call) => this.#timedOut(call));
  }

  async boot(): Promise<void> {
    const { kind, memoryMb } = this.instance;
    const { driver } = this.#dependencies;
    const spec = { id: `i${this.instance.id}`, runtime: kind.runtime, network: kind.network, memoryMb };
    try {
      const sandbox = await driver.start(spec);
      this.#guest = new Guest(sandbox, this, this.#dependencies);
    } catch (thrown) {
      this.#reports.failed(this, toMayflyError(thrown));
      this.#leave();
      return;
    }
    if (this.#killed) this.#guest.sandbox.kill();
    // The guest loads code that it is given before it has warmed up at once: sooner for a call that waits for it.
    else if (this.#reports.hurries(this)) this.booted();
    else
      this.#limit(
        BOOT_TIMEOUT_MS,
        () => new MayflyError('SANDBOX_FAILED', 'The guest did not boot in time.'),
      );
  }

  async specialise(version: FunctionVersion): Promise<void> {
    const { initTimeoutMs } = version.limits;
    this.#limit(
      initTimeoutMs,
      () => new MayflyError('FUNCTION_INIT_TIMEOUT', `The code did not load within ${initTimeoutMs} ms.`),
    );
    try {
      await this.#guest!.specialise(version);
    } catch (thrown) {
      this.#condemn(toMayflyError(thrown));
    }
  }

  /** Runs a call that the scheduler assigned. */
  run(call: Call): void {
    const { clock } = this.#dependencies;
    const { timeoutMs } = call.function.limits;
    this.calls.push(call.running);
    if (this.#gone || this.#guest === null) {
      this.#fail(
        call,
        new MayflyError('FUNCTION_EXITED', 'The instance ended before it could take the call.'),
      );
      return;
    }
    this.#deadlines.watch(call);
    call.start(this.#guest.link, Math.ceil(clock.wall() + timeoutMs));
  }

  peakMemoryMb(): number {
    return this.#guest?.sandbox.memory().peakMb ?? 0;
  }

  freeze(): void {
    this.#guest?.sandbox.freeze();
  }

  thaw(): void {
    this.#guest?.sandbox.thaw();
  }

  drain(): void {
    if (this.#guest === null) {
      this.kill();
      return;
    }
    this.#ending = true;
    this.#guest.sandbox.thaw();
    this.#guest.link.drain();
    this.#clearTimer();
    this.#timer = setTimeout(() => this.kill(), DRAIN_TIMEOUT_MS);
  }

  /** Ends it at once; one that only lingers for calls that share it ends with the last of them. */
  kill(): void {
    if (this.#lingering && this.calls.length > 0) return;
    this.#killed = true;
    this.#ending = true;
    this.#guest?.sandbox.kill();
  }

  /** The node stops and waits no longer: its calls fail, and a busy process ends at once. */
  giveUp(error: MayflyError): void {
    if (this.calls.length === 0) return;
    for (const call of this.#running()) call.giveUp(error);
    this.#lingering = false;
    this.kill();
  }

  /** A call has completed. */
  left(call: Call): void {
    this.calls.remove(call.running);
    if (this.#lingering && this.calls.length === 0) this.kill();
  }

  booted(): void {
    // Of a hurried guest this comes twice; the timer is that of its loading then.
    if (!this.#booted) this.#clearTimer();
    this.#booted = true;
    this.#reports.booted(this);
  }

  ready(): void {
    this.#clearTimer();
    this.#reports.ready(this);
  }

  initFailed(failure: FailureMessage): void {
    this.#clearTimer();
    const time = this.#dependencies.clock.wall();
    const message = failure.stack === '' ? `${failure.name}: ${failure.message}` : failure.stack;
    this.log([{ time, level: 'error', requestId: null, message }]);
    this.#condemn(new MayflyError('FUNCTION_INIT_FAILED', `${failure.name}: ${failure.message}`));
  }

  log(messages: readonly LogMessage[]): void {
    if (this.instance.version !== null) this.#reports.log(this, messages);
    else this.#lastWords = messages.at(-1)?.message ?? '';
  }

  violated(what: string): void {
    this.#condemn(new MayflyError('FUNCTION_PROTOCOL', `The instance broke the guest protocol: ${what}.`));
  }

  gone(exit: SandboxExit): void {
    this.#clearTimer();
    this.#deadlines.stop();
    const error = this.#verdict ?? exitError(exit, this.instance, this.#lastWords);
    if (!this.#ending && this.calls.length === 0) this.#reports.failed(this, error);
    this.#leave();
    for (const call of this.#running()) this.#fail(call, error);
  }

  #running(): Call[] {
    const running: Call[] = [];
    for (let link = this.calls.first; link !== null; link = link.next) running.push(link.item);
    return running;
  }

  /** It is of no use any more, and why. */
  #condemn(error: MayflyError): void {
    if (this.#gone || this.#verdict !== null) return;
    this.#verdict = error;
    this.#ending = true;
    this.#reports.failed(this, error);
    this.kill();
  }

  #fail(call: Call, error: MayflyError): void {
    call.failNow(error);
    this.#reports.complete(call);
  }

  #timedOut(call: Call): void {
    const { timeoutMs } = call.function.limits;
    call.failNow(new MayflyError('FUNCTION_TIMEOUT', `The call did not end within ${timeoutMs} ms.`));
    this.#lingering = this.calls.length > 1;
    if (this.#lingering) call.cancelStream();
    this.#reports.condemned(this);
    this.#reports.complete(call);
  }

  #limit(ms: number, error: () => MayflyError): void {
    this.#clearTimer();
    this.#timer = setTimeout(() => this.#condemn(error()), ms);
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #leave(): void {
    this.#gone = true;
    this.#reports.gone(this);
  }
}

function exitError(exit: SandboxExit, instance: Instance, lastWords: string): MayflyError {
  if (instance.version === null) {
    return new MayflyError('SANDBOX_FAILED', `An empty guest ended (${describe(exit)}).`, {
      cause: lastWords,
    });
  }
  const { memoryMb } = instance.version.limits;
  if (exit.reason === 'memory') {
    return new MayflyError(
      'FUNCTION_OUT_OF_MEMORY',
      `The instance passed its memory bound of ${memoryMb} MB.`,
    );
  }
  return new MayflyError('FUNCTION_EXITED', `The instance ended during the call (${describe(exit)}).`);
}

function describe(exit: SandboxExit): string {
  return exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
}
