import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What `NAME.json` says. */
export interface InstalledRuntime {
  readonly version: string;
  readonly bytes: number;
  readonly from: 'registry' | 'file';
  readonly integrity: string;
  readonly addedAt: number;
  /** Name of the folder that holds the binary. */
  readonly folder: string;
}

const ROW = /^([a-z]+\d+)\.json$/;

/** What a folder of runtimes holds, by name; whatever nobody names is removed. */
export async function readInstalled(folder: string): Promise<Map<string, InstalledRuntime>> {
  await mkdir(folder, { recursive: true });
  const installed = new Map<string, InstalledRuntime>();
  const named = new Set<string>();
  const names = await readdir(folder);
  for (const name of names) {
    const runtime = ROW.exec(name)?.[1];
    const row = runtime === undefined ? null : await readRow(folder, name);
    if (runtime === undefined || row === null) continue;
    installed.set(runtime, row);
    named.add(name).add(row.folder);
  }
  for (const name of names) {
    if (!named.has(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
  return installed;
}

/** Null: it is damaged, or what it names is gone; then it is fetched again. */
async function readRow(folder: string, name: string): Promise<InstalledRuntime | null> {
  try {
    const row = JSON.parse(await readFile(join(folder, name), 'utf8')) as InstalledRuntime;
    const binary = await stat(join(folder, row.folder, 'node'));
    return binary.size === row.bytes ? row : null;
  } catch {
    return null;
  }
}
