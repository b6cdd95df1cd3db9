/** One file of an archive, unpacked. */
export interface UnpackedFile {
  /** Relative, `/`-separated, without `..`. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly mode: 0o644 | 0o755;
  /** Where it lies until the archive is closed: a path. Links to a file share its place. */
  readonly staged: string;
}

export interface UnpackedArchive {
  readonly files: readonly UnpackedFile[];
  /** The archive itself, decoded. */
  readonly archive: UnpackedFile;
  /** Forgets the unpacked files. Idempotent. */
  close(): Promise<void>;
}

export interface ArchiveLimits {
  readonly filesMax: number;
  /** Of all files together. */
  readonly unpackedBytesMax: number;
}

/**
 * Unpacks zip archives of strangers, which come in base64, off the event loop. Links within the archive become copies of what they lead to.
 */
export interface ArchiveUnpacker {
  /**
   * `base64` is as JSON writes it, in parts, whose memory is taken over: they are empty afterwards.
   * @throws MayflyError VALIDATION_FAILED, saying why, for what is no archive or a dangerous one: a path that leads out, a link that
   * leads out or nowhere, a file that is also a folder, too many files, too much of them or too much for its size; STORAGE_FULL
   */
  unpack(base64: readonly Uint8Array<ArrayBuffer>[], limits: ArchiveLimits): Promise<UnpackedArchive>;
}
