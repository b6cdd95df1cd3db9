import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

/**
 * Bundles Node's modules as what `process.getBuiltinModule` gives. An `import` of one makes Node read every export of it at
 * once, also those that load what hardly anybody needs: `node:http` loads undici, `node:crypto` the Web Crypto API,
 * `node:fs` its promises. Without: 30 ms and 2 MB less at the start.
 */
export const builtinsPlugin: Plugin = {
  name: 'builtins',
  setup(build) {
    build.onResolve({ filter: /^(node:)?[a-z_/0-9]+$/ }, ({ path }) =>
      isBuiltin(path) ? { path: path.replace(/^node:/, ''), namespace: 'builtin' } : null,
    );
    build.onLoad({ filter: /^/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(`node:${path}`)});`,
    }));
  },
};
