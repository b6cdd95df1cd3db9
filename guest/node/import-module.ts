/**
 * Node's `import()`. A script that is compiled with a code cache cannot have its own without an experimental option of Node's, so
 * the bundler puts that of `boot.ts` here.
 */
export const importModule = (url: string): Promise<unknown> => import(url);
