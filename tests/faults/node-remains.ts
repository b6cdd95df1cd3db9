import assert from 'node:assert/strict';
import { cpSync, existsSync, globSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownerOf } from '../../src/adapters/sandboxes/run-folder.ts';
import type { SegmentCodec } from '../../src/adapters/segments/codec.ts';
import { logCodec } from '../../src/adapters/segments/log-codec.ts';
import { SegmentDirectory } from '../../src/adapters/segments/segment-directory.ts';
import { USAGE_SEGMENT_LIMITS } from '../../src/adapters/segments/segment-limits.ts';
import { SegmentStore } from '../../src/adapters/segments/segment-store.ts';
import { usageCodec } from '../../src/adapters/segments/usage-codec.ts';
import type { LogRecord, UsageRecord } from '../../src/domain/invocation.ts';
import { findStrays } from '../../tools/testing/leftovers.ts';

/** The ledger of a data folder as it stands in its files now, whether a node runs on it or not. */
export const ledgerOnDisk = (data: string): Promise<UsageRecord[]> =>
  recordsOnDisk(join(data, 'usage'), usageCodec);

/** The log lines of a data folder as they stand in its files now. */
export const logsOnDisk = (data: string): Promise<LogRecord[]> => recordsOnDisk(join(data, 'logs'), logCodec);

/** Reads a copy: opening a store repairs what the one that writes has not finished. */
async function recordsOnDisk<T>(folder: string, codec: SegmentCodec<T>): Promise<T[]> {
  const copy = mkdtempSync(join(tmpdir(), 'records-'));
  try {
    cpSync(folder, copy, { recursive: true });
    const store = await SegmentStore.open<T>({
      directory: new SegmentDirectory(copy),
      codec,
      limits: USAGE_SEGMENT_LIMITS,
      clock: { now: () => performance.now(), wall: () => Date.now() },
    });
    const records = await Array.fromAsync(store.read({ from: 0, to: Number.POSITIVE_INFINITY }));
    await store.close();
    return records;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Control groups of the node on this data folder, by path. */
export function controlGroupsOf(data: string): string[] {
  const owner = ownerOf(join(realpathSync(data), 'run', 'sandboxes'));
  return globSync(`/sys/fs/cgroup/**/mayfly-${owner}{,/*}`);
}

/**
 * After SIGKILL of a node nothing of it runs. One thing bwrap(1) itself can leave: when it is killed between the fork of a sandbox's first
 * process and the word to go on, that process waits for ever, empty. The next start must end it: returns what to ask `areGone` then.
 */
export async function waitingAfterKill(folder: string): Promise<readonly number[]> {
  const strays = await findStrays(folder);
  const isBwrap = ({ command }: { readonly command: string }): boolean => /^\S*\/bwrap /.test(command);
  assert.deepEqual(
    strays.filter((stray) => !isBwrap(stray)),
    [],
  );
  return strays.map(({ pid }) => pid);
}

export function areGone(pids: readonly number[]): void {
  assert.deepEqual(
    pids.filter((pid) => existsSync(`/proc/${pid}`)),
    [],
  );
}
