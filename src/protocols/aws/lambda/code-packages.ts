import { MayflyError } from '../../../domain/errors.ts';
import type { ArchiveUnpacker } from '../../../ports/archive-unpacker.ts';
import type { ArtifactFile, ArtifactStore } from '../../../ports/artifacts.ts';
import type { LambdaCode, LambdaStore } from '../../../ports/lambda-store.ts';
import { AwsError, invalidParameter } from '../aws-error.ts';
import type { LambdaCheckpoint } from './checkpoint.ts';

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
  /** All archives that are kept, layers included. */
  readonly lambdaStorageBytesMax: number;
  /** Calls that may run at a time, as far as functions reserve them. */
  readonly lambdaConcurrencyMax: number;
}

interface CodePackagesDeps {
  readonly store: Pick<LambdaStore, 'usage'>;
  readonly artifacts: ArtifactStore;
  readonly unpacker: ArchiveUnpacker;
  readonly quotas: LambdaQuotas;
  readonly checkpoint: LambdaCheckpoint;
}

/** Files of a function with its layers. */
const FILES_MAX = 50_000;
const PACKAGE_FILE = 'code.zip';
/** What base64 adds at its end. */
const PADDING_BYTES_MAX = 2;

/** Takes zip archives in: kept as they came, so that they can be given back, and unpacked as artifacts. */
export class CodePackages {
  readonly #deps: CodePackagesDeps;

  constructor(deps: CodePackagesDeps) {
    this.#deps = deps;
  }

  /**
   * Takes an archive, given in base64 as JSON writes it, in parts that are given away. Both artifacts are safe from the collector for its grace time: the caller names them in the
   * store within that.
   * @throws AwsError InvalidParameterValueException; MayflyError STORAGE_FULL
   */
  async take(base64: readonly Uint8Array<ArrayBuffer>[]): Promise<LambdaCode> {
    const { artifacts, unpacker, quotas, checkpoint } = this.#deps;
    const chars = base64.reduce((sum, { length }) => sum + length, 0);
    if (chars === 0) throw invalidParameter('Uploaded file must be a non-empty zip');
    if (Math.floor((chars * 3) / 4) > quotas.lambdaZipBytesMax + PADDING_BYTES_MAX) {
      throw invalidParameter(`Uploaded zip file must be smaller than ${quotas.lambdaZipBytesMax} bytes.`);
    }
    const limits = { filesMax: FILES_MAX, unpackedBytesMax: quotas.lambdaCodeBytesMax };
    const { files, archive, close } = await unpacker.unpack(base64, limits).catch(explain);
    try {
      checkpoint('code.unpacked');
      if (files.length === 0) throw invalidParameter('Uploaded file must be a non-empty zip');
      const { codeBytes } = await this.#deps.store.usage();
      if (codeBytes + archive.bytes > quotas.lambdaStorageBytesMax)
        throw new AwsError('CodeStorageExceededException', 400, 'Code storage limit exceeded.');
      const missing = new Set(await artifacts.missing([archive, ...files].map(({ sha256 }) => sha256)));
      for (const { sha256, bytes, staged } of [archive, ...files]) {
        if (missing.delete(sha256)) await artifacts.adoptBlob(sha256, bytes, staged);
      }
      checkpoint('code.kept');
      const plain = ({ path, sha256, bytes, mode }: ArtifactFile): ArtifactFile => ({
        path,
        sha256,
        bytes,
        mode,
      });
      const artifact = await artifacts.assemble(files.map(plain));
      const kept = await artifacts.assemble([plain({ ...archive, path: PACKAGE_FILE })]);
      checkpoint('code.assembled');
      return { zip: archive.sha256, bytes: archive.bytes, package: kept, artifact };
    } finally {
      await close();
    }
  }
}

function explain(thrown: unknown): never {
  if (!(thrown instanceof MayflyError) || thrown.code !== 'VALIDATION_FAILED') throw thrown;
  if (thrown.message.startsWith('Unzipped size')) throw invalidParameter(thrown.message);
  throw invalidParameter(
    `Could not unzip uploaded file. Please check your file, then try to upload again. (${thrown.message})`,
  );
}
