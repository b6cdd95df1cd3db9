import { delimiter } from 'node:path';

/** Of the platform's environment, what names a proxy or a package registry: installing packages may need it, and it is no credential of Mayfly's. */
const PASSED_ON = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'npm_config_registry',
  'PIP_INDEX_URL',
];

/** The environment of a build step. */
export function workspaceEnvironment(
  platform: Readonly<Record<string, string | undefined>>,
  places: { readonly bin: string; readonly home: string; readonly tmp: string; readonly path: string },
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => {
    const value = platform[name];
    return value === undefined || value === '' ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passed),
    PATH: [places.bin, places.path].join(delimiter),
    HOME: places.home,
    TMPDIR: places.tmp,
    LANG: 'C.UTF-8',
    CI: 'true',
    ...own,
  };
}
