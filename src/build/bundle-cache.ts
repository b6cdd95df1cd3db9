import { hostModulesOf } from '../contract/host-modules.ts';
import { MayflyError } from '../domain/errors.ts';
import { type Bundle, Bundler, type Obstacle, type ShippedPackages } from './bundler.ts';
import type { BundleEntry } from './entry-plugin.ts';
import type { FunctionPlan } from './function-plan.ts';
import { type Problem, problemsError } from './problem.ts';
import { UnbundlablePackages } from './unbundlable-packages.ts';

/** Functions whose parsed sources are kept in memory for the next build. */
const bundlersMax = 32;

/** Functions that are bundled at once. */
interface Group {
  readonly plans: readonly FunctionPlan[];
  readonly shipped: ShippedPackages;
}

/**
 * Bundles the functions of one app and keeps the bundles until a source of theirs changes. The first time all
 * functions are bundled together, so that a package used by many is parsed once. After that a function whose sources
 * changed gets a bundler of its own, so that saving one file costs one small bundle.
 *
 * What a function's bundle is depends on that function alone, however they are grouped: a package that one of them
 * needs as files is left out only there.
 */
export class BundleCache {
  readonly #bundles = new Map<string, Bundle>();
  readonly #shipped = new Map<string, ShippedPackages>();
  readonly #unbundlable = new UnbundlablePackages();
  /** By function, the least recently used first. */
  readonly #bundlers = new Map<string, Bundler>();
  readonly #keepParsed: boolean;

  constructor(keepParsed: boolean) {
    this.#keepParsed = keepParsed;
  }

  /** Forgets the bundles that these files are part of; `null`: all that was found out about code and packages. */
  async forget(changed: readonly string[] | null): Promise<void> {
    if (changed === null) {
      this.#bundles.clear();
      this.#shipped.clear();
      this.#unbundlable.forget();
      return this.close();
    }
    for (const [key, { sources }] of this.#bundles) {
      const touched = changed.some((path) =>
        sources.some((source) => path === source || path.startsWith(`${source}/`)),
      );
      if (touched) this.#bundles.delete(key);
    }
  }

  /**
   * One bundle for each plan, in their order.
   * @throws MayflyError BUILD_FAILED with the problems of all functions; the signal's reason
   */
  async bundle(
    dir: string,
    plans: readonly FunctionPlan[],
    signal: AbortSignal | undefined,
  ): Promise<Bundle[]> {
    const problems: Problem[] = [];
    const groups = this.#groups(plans.filter((plan) => !this.#bundles.has(keyOf(plan))));
    for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
      try {
        groups.push(...(await this.#bundleGroup(dir, group, signal)));
      } catch (error) {
        if (!(error instanceof MayflyError) || !Array.isArray(error.details?.problems)) throw error;
        problems.push(...(error.details.problems as Problem[]));
      }
    }
    if (problems.length > 0) throw problemsError('BUILD_FAILED', problems);
    const bundles = plans.map((plan) => this.#bundles.get(keyOf(plan)) as Bundle);
    const wanted = new Set(plans.map(keyOf));
    for (const key of this.#bundles.keys()) if (!wanted.has(key)) this.#bundles.delete(key);
    return bundles;
  }

  async close(): Promise<void> {
    const bundlers = [...this.#bundlers.values()];
    this.#bundlers.clear();
    await Promise.all(bundlers.map((bundler) => bundler.close()));
  }

  #groups(stale: readonly FunctionPlan[]): Group[] {
    const together = this.#bundles.size === 0 && this.#bundlers.size === 0;
    const groups = Map.groupBy(stale, (plan) =>
      together ? JSON.stringify([externalOf(plan), plan.config.minify, targetOf(plan)]) : keyOf(plan),
    );
    return [...groups.values()].map((group) => {
      return { plans: group, shipped: this.#shipped.get(keyOf(group[0] as FunctionPlan)) ?? new Map() };
    });
  }

  /** Returns the groups that have to be tried again, with more packages left out. Each is smaller or ships more. */
  async #bundleGroup(dir: string, group: Group, signal: AbortSignal | undefined): Promise<Group[]> {
    const [first] = group.plans as [FunctionPlan];
    const single = group.plans.length === 1 ? keyOf(first) : null;
    const bundler = this.#take(single) ?? newBundler(dir, group, this.#unbundlable);
    let keep = single !== null;
    try {
      const results = await bundler.bundle(signal);
      const blocked = new Map<FunctionPlan, Obstacle>();
      for (const plan of group.plans) {
        const result = results.get(plan.config.name) as Bundle | Obstacle;
        if ('ship' in result) blocked.set(plan, result);
        else this.#bundles.set(keyOf(plan), result);
      }
      keep &&= blocked.size === 0;
      if (keep && single !== null) this.#shipped.set(single, group.shipped);
      return regroup(group, blocked);
    } finally {
      await this.#putBack(keep ? single : null, bundler);
    }
  }

  #take(key: string | null): Bundler | undefined {
    const bundler = this.#bundlers.get(key ?? '');
    this.#bundlers.delete(key ?? '');
    return bundler;
  }

  async #putBack(key: string | null, bundler: Bundler): Promise<void> {
    if (!this.#keepParsed || key === null) return bundler.close();
    this.#bundlers.set(key, bundler);
    const [oldest] = this.#bundlers.keys();
    if (this.#bundlers.size > bundlersMax && oldest !== undefined) await this.#take(oldest)?.close();
  }
}

function regroup(group: Group, blocked: ReadonlyMap<FunctionPlan, Obstacle>): Group[] {
  const keyOfObstacle = ([plan, { ship }]: [FunctionPlan, Obstacle]) =>
    ship.size === 0 ? keyOf(plan) : JSON.stringify([...ship.keys()].sort());
  return [...Map.groupBy(blocked, keyOfObstacle).values()].map((list) => ({
    plans: list.map(([plan]) => plan),
    shipped: new Map([...group.shipped, ...list.flatMap(([, { ship }]) => [...ship])]),
  }));
}

function newBundler(dir: string, { plans, shipped }: Group, unbundlable: UnbundlablePackages): Bundler {
  const [first] = plans as [FunctionPlan];
  const { external, minify } = first.config;
  const entries = plans.map(entryOf);
  const provided = hostModulesOf(first.dialect);
  const target = targetOf(first);
  return new Bundler({ dir, entries, external, provided, shipped, minify, target }, unbundlable);
}

function entryOf({
  config,
  file,
  export: name,
  registered,
  listens,
  unexported,
  companions,
}: FunctionPlan): BundleEntry {
  return {
    name: config.name,
    file,
    export: name,
    registered: registered === true,
    listens: listens === true,
    unexported: unexported === true,
    companions: companions ?? [],
  };
}

/** Everything that is not in a bundle. */
function externalOf({ config, dialect }: FunctionPlan): readonly string[] {
  return [...config.external, ...hostModulesOf(dialect)];
}

/** The oldest Node.js that must understand the bundle, as esbuild names it. */
function targetOf({ config }: FunctionPlan): string {
  return config.runtime.replace(/^nodejs/, 'node');
}

/** Everything that decides a bundle besides the sources. */
function keyOf(plan: FunctionPlan): string {
  return JSON.stringify([entryOf(plan), externalOf(plan), plan.config.minify, targetOf(plan)]);
}
