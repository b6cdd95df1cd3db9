import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { artifactDigest } from '../../src/contract/artifact-digest.ts';
import { MayflyError } from '../../src/domain/errors.ts';
import type { ArtifactFile, ArtifactSize, ArtifactStore, Collected } from '../../src/ports/artifacts.ts';
import type { CodeTree } from '../../src/ports/sandbox.ts';

/** Blobs in memory, with the port's failures. It lays no tree out: nothing runs here. */
export class MemoryArtifacts implements ArtifactStore {
  readonly blobs = new Map<string, Buffer>();
  readonly assembled = new Map<string, ArtifactSize>();
  readonly #files = new Map<string, readonly ArtifactFile[]>();

  async missing(sha256: readonly string[]): Promise<string[]> {
    return sha256.filter((digest) => !this.blobs.has(digest));
  }

  async putBlob(sha256: string, bytes: number, content: AsyncIterable<Uint8Array>): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(chunk);
    const blob = Buffer.concat(chunks);
    if (blob.length !== bytes || createHash('sha256').update(blob).digest('hex') !== sha256) {
      throw new MayflyError('VALIDATION_FAILED', 'The bytes are not those that the digest names.');
    }
    this.blobs.set(sha256, blob);
  }

  async adoptBlob(sha256: string, bytes: number, path: string): Promise<void> {
    await this.putBlob(sha256, bytes, createReadStream(path));
    await rm(path);
  }

  async assemble(files: readonly ArtifactFile[]): Promise<string> {
    for (const { path, sha256 } of files) {
      if (!this.blobs.has(sha256))
        throw new MayflyError('VALIDATION_FAILED', `The blob of ${path} is missing.`);
    }
    const digest = artifactDigest(files);
    this.#files.set(digest, files);
    this.assembled.set(digest, {
      files: files.length,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    });
    return digest;
  }

  async has(artifact: string): Promise<boolean> {
    return this.assembled.has(artifact);
  }

  async listFiles(artifact: string): Promise<readonly ArtifactFile[]> {
    return this.#files.get(artifact) ?? [];
  }

  async readBlob(sha256: string): Promise<AsyncIterable<Uint8Array>> {
    const blob = this.blobs.get(sha256);
    if (blob === undefined) throw new MayflyError('NOT_FOUND', 'There is no such blob.');
    return (async function* () {
      yield blob;
    })();
  }

  async sizeOf(artifact: string): Promise<ArtifactSize | null> {
    return this.assembled.get(artifact) ?? null;
  }

  takeTree(): Promise<CodeTree> {
    throw new Error('No instance is started in these tests.');
  }

  attachCompileCache(): Promise<void> {
    throw new Error('No instance is started in these tests.');
  }

  returnTree(): void {}

  async collect(live: ReadonlySet<string>): Promise<Collected> {
    const gone = [...this.assembled.keys()].filter((artifact) => !live.has(artifact));
    for (const artifact of gone) this.assembled.delete(artifact);
    return { artifacts: gone.length, blobs: 0, bytes: 0 };
  }
}
