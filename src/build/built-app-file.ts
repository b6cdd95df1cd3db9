import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BuiltAppHead } from '../contract/built-app-file.ts';
import type { BuiltApp } from './built-app.ts';
import { formatProblem } from './problem.ts';

/** Writes a build into one file (`contract/built-app-file.ts`). */
export async function writeBuiltApp(built: BuiltApp, file: string): Promise<void> {
  await pipeline(Readable.from(partsOf(built), { objectMode: false }), createWriteStream(file));
}

async function* partsOf(built: BuiltApp): AsyncGenerator<Uint8Array> {
  const blobs = [...built.blobs];
  const head: BuiltAppHead = {
    format: 'mayfly-build-1',
    manifest: built.manifest,
    artifacts: built.artifacts.map((files) => [...files]),
    blobs: blobs.map(([sha256, { bytes }]) => ({ sha256, bytes })),
    warnings: built.warnings.map(formatProblem),
  };
  yield Buffer.from(`${JSON.stringify(head)}\n`);
  for (const [, blob] of blobs) yield* blob.open();
}
