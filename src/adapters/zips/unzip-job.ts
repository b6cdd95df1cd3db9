import type { StagedFile } from './zip-entries.ts';

export interface UnzipJob {
  /** The archive, as text in base64. */
  readonly base64: Uint8Array;
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
