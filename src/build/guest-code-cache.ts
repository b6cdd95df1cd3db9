import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';

/** What a guest consists of: the file that Node runs, the program that it hands to V8, and, where one was made, V8's code for it. */
const GUEST = 'node.cjs';
const PROGRAM = 'node.program.js';

/** The Node.js that guests run on. */
export interface GuestRuntime {
  readonly executable: string;
  /** `24.21.0`. */
  readonly version: string;
}

/** The one that runs now. */
const OWN_RUNTIME: GuestRuntime = {
  executable: process.execPath,
  version: process.versions.node,
};

const codeCacheName = ({ version }: GuestRuntime): string => `node-v${version}-${process.arch}.cache`;

/** A guest that does not warm up within this leaves no cache, ms. */
const WARM_TIMEOUT_MS = 20_000;

/** Files that belong beside a guest's own on this runtime: those that are there. */
export function partsOf(guestFile: string, runtime = OWN_RUNTIME): string[] {
  return [PROGRAM, codeCacheName(runtime)]
    .map((name) => join(dirname(guestFile), name))
    .filter((path) => existsSync(path));
}

/**
 * The file of a guest that has a code cache for this Node.js: the shipped one when it was shipped with one, else a
 * copy in `folder`, with a cache that is made when there is none of this program yet (once, in some 150 ms).
 */
export async function guestWithCodeCache(
  shipped: string,
  folder: string,
  runtime = OWN_RUNTIME,
): Promise<string> {
  const shippedIn = dirname(shipped);
  const cache = codeCacheName(runtime);
  if (existsSync(join(shippedIn, cache))) return shipped;
  const copy = join(folder, GUEST);
  const known = [GUEST, PROGRAM].every((name) => sameContent(join(shippedIn, name), join(folder, name)));
  if (known && existsSync(join(folder, cache))) return copy;
  rmSync(join(folder, cache), { force: true });
  for (const name of [GUEST, PROGRAM]) copyFileSync(join(shippedIn, name), join(folder, name));
  await makeCodeCache(copy, runtime);
  return copy;
}

/**
 * Runs the guest until it is warm and keeps what V8 compiled, beside it. It is Mayfly's own code that runs, on this machine and
 * outside any sandbox, and nobody else's. Node's arguments must be those of guests (none), or V8 refuses the cache. Without a cache, when
 * it fails, guests boot slower.
 */
export async function makeCodeCache(guestFile: string, runtime = OWN_RUNTIME): Promise<void> {
  const cacheFile = join(dirname(guestFile), codeCacheName(runtime));
  const child = spawn(runtime.executable, [guestFile, cacheFile], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH },
    timeout: WARM_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const channel = child.stdio[3] as Duplex;
  channel.on('error', () => undefined);
  // It says BOOTED when it is warm, writes the cache in the same turn, and ends when its channel does.
  channel.once('data', () => channel.destroy());
  await new Promise((resolve) => child.once('close', resolve).once('error', resolve));
}

function sameContent(one: string, other: string): boolean {
  return existsSync(one) && existsSync(other) && readFileSync(one).equals(readFileSync(other));
}
