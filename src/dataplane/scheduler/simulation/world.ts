import { type ErrorCode, MayflyError } from '../../../domain/errors.ts';
import type { FunctionVersion } from '../../../domain/function-version.ts';
import { DeadlineHeap, type Timed } from '../../../kit/deadline-heap.ts';
import type { SchedulerEffects } from '../effects.ts';
import type { Instance } from '../instance.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Ticket } from '../ticket.ts';
import { Books, Violation } from './books.ts';
import { Checker } from './checker.ts';
import { Call, Process } from './process.ts';
import { Random } from './random.ts';
import { RestingRules } from './resting-rules.ts';
import { type Action, type Scenario, versionOf } from './scenario.ts';

/** How often `tick` may be asked for again at the same moment before it counts as an endless loop. */
const TICKS_AT_ONCE_MAX = 10;
/** Long after the load has ended: every keep-alive, back-off and memory of a rhythm has run out, ms. */
const REST_MS = 200_000;
/** How long the calls of a release go on after its end, times 0, 1 or 2, ms. */
const LINGER_MS = 300;

class Happening implements Timed {
  deadline = 0;
  heapIndex = -1;
  readonly run: () => void;

  constructor(run: () => void) {
    this.run = run;
  }
}

/** What a test may put between the checker and the scheduler, to see that the checker notices. */
export type Assembly = (effects: SchedulerEffects, scenario: Scenario) => Scheduler;

/** The simulated outside: a clock that jumps from event to event, processes that boot, load, serve, fail and die, and callers. */
export class World implements SchedulerEffects {
  readonly trace: string[] = [];
  readonly rules: RestingRules;
  readonly #checker: Checker;
  readonly #scenario: Scenario;
  readonly #scheduler: Scheduler;
  readonly #happenings = new DeadlineHeap<Happening>();
  readonly #processes = new Map<Instance, Process>();
  /** Number of the active version, by function. */
  readonly #active: number[];
  readonly #traced: boolean;
  #now = 0;
  #calls = 0;

  constructor(scenario: Scenario, assemble: Assembly, traced: boolean) {
    this.#scenario = scenario;
    this.#traced = traced;
    this.#active = scenario.functions.map(() => 1);
    const books = new Books(scenario, () => this.#now);
    this.rules = new RestingRules(books);
    this.#checker = new Checker(books, this);
    this.#scheduler = assemble(this.#checker, scenario);
  }

  /** @throws Violation */
  run(): void {
    const { actions, functions, seed } = this.#scenario;
    this.#scheduler.prewarm({ runtime: 'nodejs24', network: 'full' }, 0);
    for (let index = 0; index < functions.length; index++) this.#activate(index);
    for (const action of actions) this.#after(action.at, () => this.#act(action));
    const end = (actions.at(-1)?.at ?? 0) + REST_MS;
    this.#runUntil(seed % 3 === 0 ? end / 200 : end);
    if (seed % 3 !== 0) this.rules.idle(this.#scheduler.stats());
    this.#say('shutdown');
    this.#checker.closing();
    this.#scheduler.drainAll(this.#now);
    this.#runUntil(this.#now + REST_MS);
    this.rules.closed(this.#scheduler.stats());
  }

  // Effects.

  assign(ticket: Ticket, instance: Instance): void {
    const call = ticket as Call;
    const process = this.#processes.get(instance);
    this.#say(`assign ${call.label} to ${instance.id}`);
    if (process === undefined || !process.alive) {
      this.#settle(call);
      return;
    }
    process.calls.add(call);
    const { crashes } = this.#behaviourOf(instance.version!);
    const timeoutMs = instance.version!.limits.timeoutMs;
    if (process.random.chance(crashes)) {
      // Now and then at once, from within the effect.
      const afterMs = process.random.chance(0.3) ? 0 : process.random.between(0, call.serviceMs);
      if (afterMs === 0) this.#die(instance, 'crash');
      else this.#after(afterMs, () => this.#die(instance, 'crash'));
    } else if (call.serviceMs > timeoutMs) {
      this.#after(timeoutMs, () => this.#timeOut(call, instance));
    } else {
      this.#after(call.serviceMs, () => {
        if (process.calls.delete(call)) this.#settle(call);
      });
    }
  }

  reject(ticket: Ticket, code: ErrorCode, retryAfterMs: number): void {
    this.#say(`reject ${(ticket as Call).label} ${code} retry after ${retryAfterMs.toFixed(0)} ms`);
  }

  boot(instance: Instance): void {
    this.#say(`boot ${instance.id} ${instance.kind.network}`);
    const random = new Random(this.#scenario.seed * 7_919 + instance.id * 104_729);
    this.#processes.set(instance, new Process(random));
    const fails = random.chance(this.#scenario.bootFails);
    const outcome = () => {
      if (!fails) {
        this.#report(`booted ${instance.id}`, () => {
          this.#checker.booted(instance);
          // Now and then it is given its function while it still boots.
          if (random.chance(0.5) && this.#scheduler.hurries(instance)) {
            this.#after(random.between(0, 30), () => {
              const again = () => this.#scheduler.booted(instance, this.#now);
              this.#report(`booted ${instance.id} after all`, again);
            });
          }
          this.#scheduler.booted(instance, this.#now);
        });
      } else if (random.chance(0.5)) {
        this.#fail(instance, new MayflyError('SANDBOX_FAILED', 'The machine refused.'));
      } else this.#die(instance, 'no boot');
    };
    if (fails && random.chance(0.2)) outcome();
    else this.#after(random.between(20, 45), () => this.#processes.get(instance)?.alive && outcome());
  }

  specialise(instance: Instance, version: FunctionVersion): void {
    this.#say(`specialise ${instance.id} as ${version.name}@${version.version}`);
    const process = this.#processes.get(instance);
    if (process === undefined) return;
    const { initMs, initFails } = this.#behaviourOf(version);
    const fails = process.random.chance(initFails);
    this.#after(process.random.between(initMs / 2, initMs), () => {
      if (!process.alive) return;
      if (fails)
        this.#fail(instance, new MayflyError('FUNCTION_INIT_FAILED', 'The code threw while loading.'));
      else if (this.#scenario.bootFails > 0 && process.random.chance(0.05)) this.#die(instance, 'no init');
      else {
        this.#report(`ready ${instance.id}`, () => {
          this.#checker.ready(instance);
          this.#scheduler.ready(instance, this.#now);
        });
      }
    });
  }

  freeze(instance: Instance): void {
    this.#say(`freeze ${instance.id}`);
  }

  thaw(instance: Instance): void {
    this.#say(`thaw ${instance.id}`);
  }

  drain(instance: Instance): void {
    this.#say(`drain ${instance.id}`);
    const process = this.#processes.get(instance);
    if (process !== undefined) this.#after(process.random.between(1, 50), () => this.#die(instance, 'exit'));
  }

  kill(instance: Instance): void {
    this.#say(`kill ${instance.id}`);
    const process = this.#processes.get(instance);
    if (process === undefined) return;
    if (process.random.chance(0.3)) this.#die(instance, 'killed');
    else this.#after(process.random.between(0, 5), () => this.#die(instance, 'killed'));
  }

  // Callers, operators and accidents.

  #act(action: Action): void {
    if (action.name === 'call') this.#call(action);
    else if (action.name === 'deploy') this.#deploy(action.function);
    else if (action.name === 'load') this.#scheduler.saturated(action.saturated);
    else {
      for (const instance of this.#processes.keys()) {
        if (instance.id % 21 !== action.instance) continue;
        if (action.name === 'crash') this.#die(instance, 'accident');
        else this.#condemn(instance);
        return;
      }
    }
  }

  #call(action: Action & { name: 'call' }): void {
    const version = versionOf(this.#scenario, action.function, this.#active[action.function]!);
    const call = new Call(action.serviceMs, `c${++this.#calls}`);
    this.#report(
      `submit ${call.label} for ${version.name}@${version.version}, ${action.serviceMs.toFixed(1)} ms`,
      () => {
        this.#checker.submitted(call, version);
        this.#scheduler.submit(call, version, this.#now);
      },
    );
    if (action.cancelAfterMs === Number.POSITIVE_INFINITY) return;
    this.#after(action.cancelAfterMs, () => {
      if (!this.#checker.cancelled(call)) return;
      this.#report(`cancel ${call.label}`, () => this.#scheduler.cancel(call, this.#now));
    });
  }

  #deploy(index: number): void {
    const old = versionOf(this.#scenario, index, this.#active[index]!);
    this.#active[index]!++;
    this.#activate(index);
    this.#report(`linger ${old.name}@${old.version}`, () => {
      this.#checker.activated(old, false);
      this.#scheduler.linger(old.key, this.#now);
    });
    this.#after((index % 3) * LINGER_MS, () => {
      this.#report(`retire ${old.name}@${old.version}`, () => this.#scheduler.retire(old.key, this.#now));
    });
  }

  #activate(index: number): void {
    const version = versionOf(this.#scenario, index, this.#active[index]!);
    this.#report(`provision ${version.name}@${version.version}`, () => {
      this.#checker.activated(version, true);
      this.#scheduler.provision(version, this.#now);
    });
  }

  #timeOut(call: Call, instance: Instance): void {
    const process = this.#processes.get(instance);
    if (process === undefined || !process.calls.delete(call)) return;
    this.#settle(call);
    this.#condemn(instance);
  }

  #condemn(instance: Instance): void {
    if (!this.#processes.get(instance)?.alive) return;
    this.#report(`condemn ${instance.id}`, () => {
      this.#checker.condemned(instance);
      this.#scheduler.condemn(instance, this.#now);
    });
  }

  #fail(instance: Instance, error: MayflyError): void {
    this.#report(`failed ${instance.id} ${error.code}`, () => {
      this.#checker.failed(instance, error);
      this.#scheduler.failed(instance, error, this.#now);
    });
  }

  #die(instance: Instance, how: string): void {
    const process = this.#processes.get(instance);
    if (process === undefined || !process.alive) return;
    process.alive = false;
    this.#processes.delete(instance);
    this.#report(`gone ${instance.id} (${how})`, () => {
      this.#checker.gone(instance);
      this.#scheduler.gone(instance, this.#now);
    });
    for (const call of process.calls) this.#settle(call);
    process.calls.clear();
  }

  #settle(call: Call): void {
    this.#report(`release ${call.label}`, () => {
      this.#checker.released(call);
      this.#scheduler.release(call, this.#now);
    });
  }

  // Time.

  #after(delayMs: number, run: () => void): void {
    this.#happenings.wakeBy(new Happening(run), this.#now + delayMs);
  }

  #runUntil(end: number): void {
    let ticksAtOnce = 0;
    for (;;) {
      const tickAt = this.#scheduler.nextDeadline();
      const happenAt = this.#happenings.next();
      if (Math.min(tickAt, happenAt) > end) break;
      const before = this.#now;
      this.#now = Math.max(this.#now, Math.min(tickAt, happenAt));
      if (tickAt <= this.#now) {
        ticksAtOnce = this.#now === before ? ticksAtOnce + 1 : 0;
        if (ticksAtOnce > TICKS_AT_ONCE_MAX) throw new Violation(`at ${this.#now} ms: ticks without an end`);
        const lines = this.trace.length;
        this.#report('tick', () => this.#scheduler.tick(this.#now));
        // A tick that did nothing tells nothing.
        if (this.trace.length === lines + 1) this.trace.pop();
      } else {
        ticksAtOnce = 0;
        this.#happenings.takeDue(this.#now)!.run();
      }
      this.rules.settled();
    }
    this.#now = end;
  }

  #behaviourOf(version: FunctionVersion): Scenario['functions'][number]['behaviour'] {
    return this.#scenario.functions[Number(version.name.slice(1))]!.behaviour;
  }

  #report(what: string, tell: () => void): void {
    this.#say(`                                        ${what}`);
    tell();
  }

  #say(what: string): void {
    if (this.#traced) this.trace.push(`${this.#now.toFixed(2).padStart(10)}  ${what}`);
  }
}
