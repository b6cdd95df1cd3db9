import type { ErrorCode, MayflyError } from '../../domain/errors.ts';
import type { FunctionVersion } from '../../domain/function-version.ts';
import type { SchedulerEffects } from './effects.ts';
import type { Instance } from './instance.ts';
import type { Ticket } from './ticket.ts';

type InstanceEffect = 'boot' | 'freeze' | 'thaw' | 'drain' | 'kill';
type Effect =
  | { readonly name: 'assign'; readonly ticket: Ticket; readonly instance: Instance }
  | {
      readonly name: 'reject';
      readonly ticket: Ticket;
      readonly code: ErrorCode;
      readonly retryAfterMs: number;
      readonly cause: MayflyError | null;
    }
  | { readonly name: 'specialise'; readonly instance: Instance; readonly version: FunctionVersion }
  | { readonly name: InstanceEffect; readonly instance: Instance };

/**
 * Collects the effects of one decision and carries them out when it is complete. Thus the world never sees a half-made
 * decision, and an effect that calls the scheduler back finds it consistent: its own effects come after those that stand
 * here already.
 */
export class Outbox implements SchedulerEffects {
  readonly #effects: SchedulerEffects;
  readonly #waiting: Effect[] = [];
  #flushing = false;

  constructor(effects: SchedulerEffects) {
    this.#effects = effects;
  }

  assign(ticket: Ticket, instance: Instance): void {
    this.#waiting.push({ name: 'assign', ticket, instance });
  }

  reject(ticket: Ticket, code: ErrorCode, retryAfterMs: number, cause: MayflyError | null): void {
    this.#waiting.push({ name: 'reject', ticket, code, retryAfterMs, cause });
  }

  specialise(instance: Instance, version: FunctionVersion): void {
    this.#waiting.push({ name: 'specialise', instance, version });
  }

  boot(instance: Instance): void {
    this.#waiting.push({ name: 'boot', instance });
  }

  freeze(instance: Instance): void {
    this.#waiting.push({ name: 'freeze', instance });
  }

  thaw(instance: Instance): void {
    this.#waiting.push({ name: 'thaw', instance });
  }

  drain(instance: Instance): void {
    this.#waiting.push({ name: 'drain', instance });
  }

  kill(instance: Instance): void {
    this.#waiting.push({ name: 'kill', instance });
  }

  /** Carries out what waits, in order. Called from within an effect it leaves the work to the flush that runs. */
  flush(): void {
    if (this.#flushing || this.#waiting.length === 0) return;
    this.#flushing = true;
    // An effect that throws breaks its contract; the others are carried out all the same, then its error goes up.
    let broken: unknown;
    let isBroken = false;
    for (let index = 0; index < this.#waiting.length; index++) {
      try {
        this.#carryOut(this.#waiting[index]!);
      } catch (error) {
        if (!isBroken) broken = error;
        isBroken = true;
      }
    }
    this.#waiting.length = 0;
    this.#flushing = false;
    if (isBroken) throw broken;
  }

  #carryOut(effect: Effect): void {
    if (effect.name === 'assign') this.#effects.assign(effect.ticket, effect.instance);
    else if (effect.name === 'reject') {
      this.#effects.reject(effect.ticket, effect.code, effect.retryAfterMs, effect.cause);
    } else if (effect.name === 'specialise') this.#effects.specialise(effect.instance, effect.version);
    else this.#effects[effect.name](effect.instance);
  }
}
