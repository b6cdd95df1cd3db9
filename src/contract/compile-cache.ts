/**
 * The compile cache of a function version (V8's, or Python's bytecode), as the guest makes it and the platform keeps it: files by
 * name, below a tag that says which V8, with which flags, or which Python can read them.
 */

/** Where it lies in a code tree. The name is reserved: an artifact has no file below `.mayfly/`. */
export const COMPILE_CACHE_FOLDER = '.mayfly/compile-cache';
/** The first part of a path that an artifact may not use. */
export const RESERVED_FOLDER = '.mayfly';

/** Bytes of JavaScript and TypeScript (fewer of Python, which takes longer to compile) in an artifact from which on a cache is worth its making. */
export const COMPILE_CACHE_CODE_BYTES_MIN = 100 * 1024;
/** Largest cache; a guest sends no larger one. */
export const COMPILE_CACHE_BYTES_MAX = 16 * 1024 * 1024;
/** Most files in one: Node makes one for each module. */
export const COMPILE_CACHE_FILES_MAX = 1_000;
/** What a tag and a file's name look like. */
export const COMPILE_CACHE_NAME = /^\w[\w.-]{0,63}$/;

/** guest → platform, in the frame CACHE: which file the bytes after it belong to. */
export interface CompileCacheMessage {
  /** `v24.21.0-x64-964aae3f`. */
  readonly tag: string;
  readonly file: string;
}
