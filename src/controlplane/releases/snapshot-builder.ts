import type { FunctionManifest, ReleaseManifest } from '../../contract/manifest.ts';
import type { BoundTrigger } from '../../domain/bound-trigger.ts';
import { MayflyError } from '../../domain/errors.ts';
import type { FunctionVersion } from '../../domain/function-version.ts';
import type { Route } from '../../domain/route.ts';
import type { AppSnapshot } from '../../domain/snapshot.ts';
import { versionDigest, versionKey } from '../../domain/version-digest.ts';
import type { ActiveEnvironment, VariableRecord } from '../../ports/release-store.ts';
import type { SecretSealer } from '../secrets/secret-sealer.ts';
import type { LiveEnvironment } from './live-environment.ts';

/** There is one tenant until projects come. */
const PROJECT = 'default';
/** Names and values of one function's environment, UTF-8: it travels to the guest in one frame of 1 MiB as JSON. */
const ENVIRONMENT_BYTES_MAX = 128 * 1024;

/** A variable with its clear value, and what stands for the value in the version's digest. */
interface OpenVariable {
  readonly function: string;
  readonly name: string;
  readonly value: string;
  readonly digested: string;
}

/** A release in an environment of its app, with the variables set there. */
export interface PlacedRelease {
  readonly app: string;
  readonly environment: string;
  readonly release: string;
  readonly manifest: ReleaseManifest;
  readonly variables: readonly VariableRecord[];
}

/** Makes the snapshot that the data plane serves out of what the store keeps. */
export class SnapshotBuilder {
  readonly #sealer: SecretSealer;
  readonly #triggerKinds: readonly string[];

  /** @param triggerKinds kinds of triggers that some service of this node serves */
  constructor(sealer: SecretSealer, triggerKinds: readonly string[]) {
    this.#sealer = sealer;
    this.#triggerKinds = triggerKinds;
  }

  /** @throws as `build` */
  buildEnvironment(active: ActiveEnvironment): LiveEnvironment {
    const { environment: record, variables } = active;
    const { app, name: environment, traffic } = record;
    const build = (release: string | null, manifest: ReleaseManifest | null): AppSnapshot | null =>
      release === null || manifest === null
        ? null
        : this.build({ app, environment, release, manifest, variables });
    return {
      record,
      stable: build(traffic.stable, active.stable),
      canary: build(traffic.canary?.release ?? null, active.canary),
    };
  }

  /**
   * A function's environment, later beats earlier: its manifest (the file), variables set for the whole app, variables
   * set for this function.
   * @throws MayflyError VALIDATION_FAILED (environment too large), INTERNAL (a secret does not open)
   */
  build({ app, environment, release, manifest, variables }: PlacedRelease): AppSnapshot {
    const open = variables.map((variable) => this.#open(variable));
    const forAll = open.filter((variable) => variable.function === '');
    const forOne = Map.groupBy(open, (variable) => variable.function);
    const functions = new Map<string, FunctionVersion>();
    const routes: Route[] = [];
    for (const fn of manifest.functions) {
      functions.set(fn.name, versionOf(app, environment, fn, [...forAll, ...(forOne.get(fn.name) ?? [])]));
      for (const { method, pattern, cors } of fn.routes)
        routes.push({ method, pattern, function: fn.name, cors });
    }
    const pin = this.#sealer.pin(app, environment, release);
    const triggers = manifest.functions.flatMap((fn) => this.#triggersOf(fn));
    const bound = triggers.length === 0 ? {} : { triggers };
    return { app, environment, release, pin, functions, routes, ...bound };
  }

  #triggersOf({ name, triggers = [] }: FunctionManifest): BoundTrigger[] {
    return triggers.map(({ kind, enabled, ...config }) => {
      return { function: name, kind, enabled, config, waiting: !this.#triggerKinds.includes(kind) };
    });
  }

  #open(variable: VariableRecord): OpenVariable {
    const { function: fn, name } = variable;
    if (!variable.secret) return { function: fn, name, value: variable.value, digested: variable.value };
    const value = this.#sealer.open(variable.value, variable);
    return { function: fn, name, value, digested: this.#sealer.fingerprint(value) };
  }
}

function versionOf(
  app: string,
  environment: string,
  fn: FunctionManifest,
  variables: readonly OpenVariable[],
): FunctionVersion {
  const { name, artifact, handler, runtime, dialect, limits } = fn;
  const command = fn.command === undefined ? {} : { command: fn.command };
  const given = Object.entries(fn.env);
  const env = Object.fromEntries([...given, ...variables.map((v) => [v.name, v.value] as const)]);
  const digested = Object.fromEntries([...given, ...variables.map((v) => [v.name, v.digested] as const)]);
  checkSize(name, env);
  const version = versionDigest({ artifact, handler, ...command, runtime, dialect, limits, env: digested });
  const key = versionKey(app, environment, name, version);
  return {
    key,
    project: PROJECT,
    app,
    environment,
    name,
    version,
    artifact,
    handler,
    ...command,
    runtime,
    dialect,
    env,
    limits,
  };
}

function checkSize(fn: string, env: Readonly<Record<string, string>>): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(env)) bytes += name.length + Buffer.byteLength(value);
  if (bytes <= ENVIRONMENT_BYTES_MAX) return;
  throw new MayflyError(
    'VALIDATION_FAILED',
    `The environment of function "${fn}" has ${bytes} bytes; ${ENVIRONMENT_BYTES_MAX} are allowed.`,
  );
}
