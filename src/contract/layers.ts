/**
 * Folder of a code tree that is `/opt` in the sandbox: the content of a function's layers, merged in their order, a later one over
 * an earlier. Whoever makes an artifact puts it there; no driver has to mount anything.
 */
export const LAYERS_FOLDER = '.opt';
