import type { Variable, VariableChange } from '../../contract/control-api.ts';
import type { ReleaseManifest } from '../../contract/manifest.ts';
import { MayflyError } from '../../domain/errors.ts';
import type { KeyedLock } from '../../kit/keyed-lock.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ReleaseStore, VariableRecord } from '../../ports/release-store.ts';
import type { Checkpoint } from '../releases/checkpoint.ts';
import type { LiveApps } from '../releases/live-apps.ts';
import type { LiveEnvironment } from '../releases/live-environment.ts';
import type { SnapshotBuilder } from '../releases/snapshot-builder.ts';
import type { SecretSealer } from '../secrets/secret-sealer.ts';

/** Variables that one environment may hold. */
const VARIABLES_MAX = 2_000;

interface VariablesDeps {
  readonly store: ReleaseStore;
  readonly live: LiveApps;
  readonly builder: SnapshotBuilder;
  readonly sealer: SecretSealer;
  /** By app; shared with `Releases`. */
  readonly lock: KeyedLock;
  readonly clock: Clock;
  readonly checkpoint: Checkpoint;
}

/** Environment variables and secrets. They may be set before the app is deployed. */
export class Variables {
  readonly #deps: VariablesDeps;

  constructor(deps: VariablesDeps) {
    this.#deps = deps;
  }

  /** Every variable of the environment; a secret without its value. */
  async list(app: string, environment: string): Promise<Variable[]> {
    const records = await this.#deps.store.listVariables(app, environment);
    return records.map(({ name, function: fn, secret, value, updatedAt }) => ({
      name,
      function: fn,
      secret,
      value: secret ? null : value,
      updatedAt,
    }));
  }

  /**
   * Unsets names (for the app and for single functions), then sets; answers how many variables changed. What runs in
   * the environment gets the new values at once: functions that see them get a new version.
   * @throws MayflyError VALIDATION_FAILED (a name twice, too many, an environment too large), STORAGE_FULL
   */
  async change(app: string, environment: string, change: VariableChange): Promise<number> {
    const { store, live, lock, clock, checkpoint } = this.#deps;
    const set = this.#records(app, environment, change.set ?? [], clock.wall());
    const unset = change.unset ?? [];
    return await lock.run(app, async () => {
      const next = changed(await store.listVariables(app, environment), set, unset);
      // Built before it is written: what cannot be served must not be stored.
      const rebuilt = await this.#rebuild(app, environment, next);
      checkpoint('variables.built');
      const counts = await store.changeVariables({ app, environment, set, unset });
      checkpoint('variables.saved');
      if (rebuilt !== null) live.publish(rebuilt);
      return counts.set + counts.unset;
    });
  }

  /** What the environment would serve with these variables, the release on trial too; null: nothing is deployed there yet. */
  async #rebuild(
    app: string,
    environment: string,
    variables: readonly VariableRecord[],
  ): Promise<LiveEnvironment | null> {
    const { live, builder } = this.#deps;
    const serving = live.find(app, environment);
    if (serving === null) return null;
    const { stable, canary } = serving.record.traffic;
    return builder.buildEnvironment({
      environment: serving.record,
      stable: await this.#manifestOf(app, stable),
      canary: await this.#manifestOf(app, canary?.release ?? null),
      variables,
    });
  }

  async #manifestOf(app: string, release: string | null): Promise<ReleaseManifest | null> {
    if (release === null) return null;
    const kept = await this.#deps.store.getRelease(app, release);
    if (kept === null)
      throw new MayflyError('INTERNAL', `The live release ${release} of ${app} is not stored.`);
    return kept.manifest;
  }

  #records(
    app: string,
    environment: string,
    set: NonNullable<VariableChange['set']>,
    updatedAt: number,
  ): VariableRecord[] {
    const seen = new Set<string>();
    return set.map(({ name, value, secret, function: fn = '' }) => {
      const key = keyOf({ function: fn, name });
      if (seen.has(key)) throw new MayflyError('VALIDATION_FAILED', `The variable ${name} is set twice.`);
      seen.add(key);
      const place = { app, environment, function: fn, name };
      return { ...place, value: secret ? this.#deps.sealer.seal(value, place) : value, secret, updatedAt };
    });
  }
}

function changed(
  before: readonly VariableRecord[],
  set: readonly VariableRecord[],
  unset: readonly string[],
): VariableRecord[] {
  const gone = new Set(unset);
  const next = new Map(before.filter(({ name }) => !gone.has(name)).map((v) => [keyOf(v), v] as const));
  for (const variable of set) next.set(keyOf(variable), variable);
  if (next.size > VARIABLES_MAX) {
    throw new MayflyError(
      'VALIDATION_FAILED',
      `An environment may have ${VARIABLES_MAX} variables, not ${next.size}.`,
    );
  }
  return [...next.values()];
}

function keyOf({ function: fn, name }: { readonly function: string; readonly name: string }): string {
  return `${fn}/${name}`;
}
