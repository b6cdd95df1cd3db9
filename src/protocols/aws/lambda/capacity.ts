import type { LambdaAliasRecord, LambdaSettingRecord, LambdaStore } from '../../../ports/lambda-store.ts';
import { versionNumber } from './function-catalog.ts';

/** What concurrency settings make of the limits of one version. */
export interface VersionCapacity {
  readonly maxInstances: number;
  readonly provisioned: number;
}

/** The kind of setting that holds how many instances of a version or an alias are kept ready: `{ requested }`. */
export const PROVISIONED_KIND = 'provisioned';

/** What Lambda gives an account at first: its functions are not bounded one by one. */
const INSTANCES_MAX = 1_000;

/** How many instances each version of a function is to have: what was reserved, and what is provisioned for it or its aliases. */
export class CapacityPlan {
  readonly #reserved: number | null;
  readonly #provisioned = new Map<number, number>();

  constructor(
    reserved: number | null,
    settings: readonly LambdaSettingRecord[],
    aliases: readonly LambdaAliasRecord[],
  ) {
    this.#reserved = reserved;
    for (const { qualifier, value } of settings) {
      const version = provisionedVersion(qualifier, aliases);
      if (version === null) continue;
      const before = this.#provisioned.get(version) ?? 0;
      this.#provisioned.set(version, before + (value as unknown as { requested: number }).requested);
    }
  }

  of(version: number): VersionCapacity {
    const provisioned = this.#provisioned.get(version) ?? 0;
    const bound = this.#reserved ?? INSTANCES_MAX;
    return { maxInstances: Math.max(1, bound, provisioned), provisioned };
  }

  /** Of all versions together. */
  get provisioned(): number {
    return this.#provisioned.values().reduce((sum, count) => sum + count, 0);
  }
}

/** The version that a qualifier provisions: an alias leads to its first. */
export function provisionedVersion(qualifier: string, aliases: readonly LambdaAliasRecord[]): number | null {
  return versionNumber(qualifier) ?? aliases.find(({ name }) => name === qualifier)?.version ?? null;
}

export async function capacityPlanOf(store: LambdaStore, name: string): Promise<CapacityPlan> {
  const fn = await store.getFunction(name);
  const settings = await store.listSettings(PROVISIONED_KIND, name);
  const aliases = settings.length === 0 ? [] : await store.listAliases(name);
  return new CapacityPlan(fn?.reserved ?? null, settings, aliases);
}
