import { MayflyError } from '../../../domain/errors.ts';
import type { ArchiveUnpacker } from '../../../ports/archive-unpacker.ts';
import type { ArtifactFile, ArtifactStore } from '../../../ports/artifacts.ts';
import type { LambdaCode } from '../../../ports/lambda-store.ts';
import { invalidParameter } from '../aws-error.ts';
import { sha256Hex } from '../sigv4/signature.ts';

/** What a package of code may be; the defaults are AWS's. */
export interface LambdaQuotas {
  /** A zip archive that is sent. */
  readonly lambdaZipBytesMax: number;
  /** A function's code and layers, unpacked. */
  readonly lambdaCodeBytesMax: number;
  /** What a synchronous call may carry, and answer. */
  readonly lambdaPayloadBytesMax: number;
  /** What an asynchronous call may carry. */
  readonly lambdaAsyncBytesMax: number;
}

interface CodePackagesDeps {
  readonly artifacts: ArtifactStore;
  readonly unpacker: ArchiveUnpacker;
  readonly quotas: LambdaQuotas;
}

/** Files of a function with its layers. */
const FILES_MAX = 50_000;
const PACKAGE_FILE = 'code.zip';

/** Takes zip archives in: kept as they came, so that they can be given back, and unpacked as artifacts. */
export class CodePackages {
  readonly #deps: CodePackagesDeps;

  constructor(deps: CodePackagesDeps) {
    this.#deps = deps;
  }

  /**
   * Both artifacts are safe from the collector for its grace time: the caller names them in the store within that.
   * @throws AwsError InvalidParameterValueException, RequestTooLargeException; MayflyError STORAGE_FULL
   */
  async take(base64: string): Promise<LambdaCode> {
    const { artifacts, unpacker, quotas } = this.#deps;
    const zip = Buffer.from(base64, 'base64');
    if (zip.length === 0) throw invalidParameter('Uploaded file must be a non-empty zip');
    if (zip.length > quotas.lambdaZipBytesMax) {
      throw invalidParameter(
        `Uploaded zip file must be smaller than ${quotas.lambdaZipBytesMax} bytes; it has ${zip.length}.`,
      );
    }
    const limits = { filesMax: FILES_MAX, unpackedBytesMax: quotas.lambdaCodeBytesMax };
    const archive = await unpacker.unpack(zip, limits).catch(explain);
    try {
      const { files } = archive;
      if (files.length === 0) throw invalidParameter('Uploaded file must be a non-empty zip');
      const missing = new Set(await artifacts.missing(files.map(({ sha256 }) => sha256)));
      for (const { sha256, bytes, content } of files) {
        if (missing.delete(sha256)) await artifacts.putBlob(sha256, bytes, content());
      }
      const artifact = await artifacts.assemble(
        files.map(({ path, sha256, bytes, mode }) => ({ path, sha256, bytes, mode })),
      );
      const sha256 = sha256Hex(zip);
      await artifacts.putBlob(sha256, zip.length, chunksOf(zip));
      const kept: ArtifactFile = { path: PACKAGE_FILE, sha256, bytes: zip.length, mode: 0o644 };
      return { zip: sha256, bytes: zip.length, package: await artifacts.assemble([kept]), artifact };
    } finally {
      await archive.close();
    }
  }
}

const CHUNK_BYTES = 256 * 1024;

async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

function explain(thrown: unknown): never {
  if (!(thrown instanceof MayflyError) || thrown.code !== 'VALIDATION_FAILED') throw thrown;
  if (thrown.message.startsWith('Unzipped size')) throw invalidParameter(thrown.message);
  throw invalidParameter(
    `Could not unzip uploaded file. Please check your file, then try to upload again. (${thrown.message})`,
  );
}
