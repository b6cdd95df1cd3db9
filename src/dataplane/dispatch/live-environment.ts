import type { FunctionVersion } from '../../domain/function-version.ts';
import type { AppSnapshot, CanaryTrack, EnvironmentSnapshot } from '../../domain/snapshot.ts';
import { bucketOf, isForCanary } from '../../domain/traffic-split.ts';
import { LiveRelease, type ReleaseKeeper } from './live-release.ts';

/** What a change means for function versions; the first that applies. */
export interface VersionChange {
  /** A track or a candidate names them, and none did before. */
  readonly serve: readonly FunctionVersion[];
  /** Only calls under way still use them. */
  readonly linger: readonly FunctionVersion[];
  /** Nothing uses them any more. */
  readonly retire: readonly FunctionVersion[];
}

/** A canary track, and the release behind it. */
export interface LiveCanary extends CanaryTrack {
  readonly release: LiveRelease;
}

/** Told what a change of an environment means for others; shared by all environments of a node. */
export interface EnvironmentHost {
  /** Comes after the change: new calls see it already. */
  versions(change: VersionChange): void;
  /** It serves nothing any more, and retains nothing. */
  vacant(environment: LiveEnvironment): void;
}

const NONE: readonly LiveRelease[] = Object.freeze([]);

/**
 * What one environment serves. A release that it names no more is *retained* while calls of it are under way: whoever
 * has its pin still reaches it.
 *
 * ```
 *  track ⇄ candidate ──named no more──► retained ──last call ended──► dropped
 *                            └── no call under way ─────────────────────┘
 * ```
 * For a call without a wish and without a canary, `stable` is all there is to read.
 */
export class LiveEnvironment implements ReleaseKeeper {
  stable: LiveRelease | null = null;
  canary: LiveCanary | null = null;
  /** Tracks and candidates. */
  #current = NONE;
  /** The newest last. Few: those with calls under way. */
  #retained = NONE;
  readonly address: string;
  readonly #host: EnvironmentHost;

  constructor(address: string, host: EnvironmentHost) {
    this.address = address;
    this.#host = host;
  }

  get vacant(): boolean {
    return this.#current.length === 0 && this.#retained.length === 0;
  }

  /** The release that this pin belongs to, as long as it is named or retained. */
  pinned(pin: string): LiveRelease | null {
    return this.#reachable(({ snapshot }) => snapshot.pin === pin);
  }

  /** A current track by what testers call it: `stable`, `canary`, or its release's id. */
  track(name: string): LiveRelease | null {
    const { stable } = this;
    const canary = this.canary?.release ?? null;
    if (name === 'stable' || name === stable?.snapshot.release) return stable;
    return name === 'canary' || name === canary?.snapshot.release ? canary : null;
  }

  /** What an `x-mayfly-release` header asks for: a pin, which has a dot in it, or a track, which has none. */
  wished(wish: string): LiveRelease | null {
    return wish.includes('.') ? this.pinned(wish) : this.track(wish);
  }

  /** Any release that can be reached, by its id. */
  release(id: string): LiveRelease | null {
    return this.#reachable(({ snapshot }) => snapshot.release === id);
  }

  /** A track or a candidate, by its id. */
  named(id: string): LiveRelease | null {
    return this.#current.find(({ snapshot }) => snapshot.release === id) ?? null;
  }

  /** The track that this key falls to; the same one for as long as the weight does not pass it by. */
  trackFor(key: string): LiveRelease | null {
    const { canary } = this;
    return canary !== null && isForCanary(canary, bucketOf(canary.id, key)) ? canary.release : this.stable;
  }

  /** Serves this from now on. */
  serve({ stable, canary, candidates }: EnvironmentSnapshot): void {
    const before = this.#current;
    const known = [...before, ...this.#retained];
    const live = (snapshot: AppSnapshot): LiveRelease => {
      const same = known.find((one) => one.snapshot === snapshot);
      const release = same ?? new LiveRelease(snapshot, this);
      if (same === undefined) known.push(release);
      return release;
    };
    this.stable = stable === null ? null : live(stable);
    this.canary = canary === null ? null : { ...canary, release: live(canary.snapshot) };
    const tracks = [this.stable ?? [], this.canary?.release ?? []].flat();
    const current = new Set([...tracks, ...candidates.map(live)]);
    const out = before.filter((release) => !current.has(release));
    const added = [...current].filter((release) => !before.includes(release));
    for (const release of out) release.current = false;
    for (const release of current) release.current = true;
    this.#current = [...current];
    const busy = out.filter((release) => release.calls > 0);
    this.#retained = listOf([...this.#retained.filter((release) => !current.has(release)), ...busy]);
    this.#tell(added, out);
  }

  /** A stored release that a call belongs to: retained from its first call to its last. */
  adopt(snapshot: AppSnapshot): LiveRelease {
    return this.pinned(snapshot.pin) ?? new LiveRelease(snapshot, this);
  }

  entered(release: LiveRelease): void {
    // In an environment that is gone nobody looks for pins.
    if (!this.vacant) this.#retained = [...this.#retained, release];
  }

  left(release: LiveRelease): void {
    if (!this.#retained.includes(release)) return;
    this.#retained = listOf(this.#retained.filter((other) => other !== release));
    this.#tell([], [release]);
  }

  /**
   * Tracks before candidates, and those before the retained: setting a variable leaves two snapshots of one release, and
   * the newer one is meant.
   */
  #reachable(matches: (release: LiveRelease) => boolean): LiveRelease | null {
    return this.#current.find(matches) ?? this.#retained.findLast(matches) ?? null;
  }

  /** Tells what becomes of the versions of releases that were added, and of those that are named or retained no more. */
  #tell(added: readonly LiveRelease[], out: readonly LiveRelease[]): void {
    const serve = added.flatMap(({ snapshot }) => [...snapshot.functions.values()]);
    const linger: FunctionVersion[] = [];
    const retire: FunctionVersion[] = [];
    if (out.length > 0) {
      const named = keysOf(this.#current);
      const retained = keysOf(this.#retained);
      for (const version of out.flatMap(({ snapshot }) => [...snapshot.functions.values()])) {
        if (named.has(version.key)) continue;
        (retained.has(version.key) ? linger : retire).push(version);
      }
    }
    if (serve.length + linger.length + retire.length > 0) this.#host.versions({ serve, linger, retire });
    if (this.vacant) this.#host.vacant(this);
  }
}

function keysOf(releases: Iterable<LiveRelease>): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const { snapshot } of releases) for (const { key } of snapshot.functions.values()) keys.add(key);
  return keys;
}

/** So that ten thousand quiet environments share one empty list. */
function listOf(releases: readonly LiveRelease[]): readonly LiveRelease[] {
  return releases.length === 0 ? NONE : releases;
}
