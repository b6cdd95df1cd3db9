import { MayflyError } from '../domain/errors.ts';
import { type Bundle, Bundler } from './bundler.ts';
import type { FunctionPlan } from './function-plan.ts';
import { type Problem, problemsError } from './problem.ts';

/** Functions whose parsed sources are kept in memory for the next build. */
const bundlersMax = 32;

/**
 * Bundles the functions of one app and keeps the bundles until a source of theirs changes. The first time all
 * functions are bundled together, so that a package used by many is parsed once. After that a function whose sources
 * changed gets a bundler of its own, so that saving one file costs one small bundle.
 */
export class BundleCache {
  readonly #bundles = new Map<string, Bundle>();
  /** The least recently used first. */
  readonly #bundlers = new Map<string, Bundler>();
  readonly #keepParsed: boolean;

  constructor(keepParsed: boolean) {
    this.#keepParsed = keepParsed;
  }

  /** Forgets the bundles that these files are part of; `null`: all of them. */
  forget(changed: readonly string[] | null): void {
    const paths = new Set(changed);
    for (const [key, bundle] of this.#bundles) {
      if (changed === null || bundle.sources.some((source) => paths.has(source))) this.#bundles.delete(key);
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
    const together = this.#bundles.size === 0 && this.#bundlers.size === 0;
    const groups = Map.groupBy(
      plans.filter((plan) => !this.#bundles.has(keyOf(plan))),
      (plan) => (together ? JSON.stringify([plan.config.external, plan.config.minify]) : keyOf(plan)),
    );
    const problems: Problem[] = [];
    for (const [key, group] of groups) {
      const bundler = this.#take(key) ?? newBundler(dir, group);
      try {
        const bundles = await bundler.bundle(signal);
        for (const plan of group) this.#bundles.set(keyOf(plan), bundles.get(plan.config.name) as Bundle);
      } catch (error) {
        if (!(error instanceof MayflyError) || !Array.isArray(error.details?.problems)) throw error;
        problems.push(...(error.details.problems as Problem[]));
      } finally {
        await this.#putBack(key, bundler, !together);
      }
    }
    if (problems.length > 0) throw problemsError('BUILD_FAILED', problems);
    const bundles = plans.map((plan) => this.#bundles.get(keyOf(plan)) as Bundle);
    this.#keepOnly(new Set(plans.map(keyOf)));
    return bundles;
  }

  async close(): Promise<void> {
    const bundlers = [...this.#bundlers.values()];
    this.#bundlers.clear();
    await Promise.all(bundlers.map((bundler) => bundler.close()));
  }

  #take(key: string): Bundler | undefined {
    const bundler = this.#bundlers.get(key);
    this.#bundlers.delete(key);
    return bundler;
  }

  async #putBack(key: string, bundler: Bundler, single: boolean): Promise<void> {
    if (!this.#keepParsed || !single) return bundler.close();
    this.#bundlers.set(key, bundler);
    const [oldest] = this.#bundlers.keys();
    if (this.#bundlers.size > bundlersMax && oldest !== undefined) await this.#take(oldest)?.close();
  }

  #keepOnly(keys: ReadonlySet<string>): void {
    for (const key of this.#bundles.keys()) if (!keys.has(key)) this.#bundles.delete(key);
  }
}

function newBundler(dir: string, group: readonly FunctionPlan[]): Bundler {
  const [{ config }] = group as [FunctionPlan];
  const entries = group.map((plan) => ({ name: plan.config.name, file: plan.file, export: plan.export }));
  return new Bundler({ dir, entries, external: config.external, minify: config.minify });
}

/** Everything that decides a bundle besides the sources. */
function keyOf({ config, file, export: name }: FunctionPlan): string {
  return JSON.stringify([config.name, file, name, config.external, config.minify]);
}
