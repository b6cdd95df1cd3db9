import type { StagedFile } from './zip-entries.ts';

export interface UnzipJob {
  /** The archive in base64, as JSON writes it, in parts. */
  readonly base64: readonly Uint8Array<ArrayBuffer>[];
  /** Where the files go, under names of no meaning. */
  readonly folder: string;
  readonly filesMax: number;
  readonly unpackedBytesMax: number;
}

/** `problem`: what is wrong with the archive; `failure`: what the machine refused. */
export type UnzipResult =
  | { readonly files: readonly StagedFile[]; readonly archive: StagedFile }
  | { readonly problem: string }
  | { readonly failure: string; readonly code: string };
