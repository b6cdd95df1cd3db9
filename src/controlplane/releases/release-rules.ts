import { artifactDigest } from '../../contract/artifact-digest.ts';
import type { ArtifactFileManifest, FunctionManifest, ReleaseManifest } from '../../contract/manifest.ts';
import { RUNTIMES } from '../../contract/runtimes.ts';
import { ROUTE_METHODS, routePatternProblem, routeShape } from '../../domain/route-pattern.ts';
import { addressOf } from '../../domain/snapshot.ts';

/** What this node can run. */
export interface Abilities {
  readonly runtimes: readonly string[];
  readonly dialects: readonly string[];
  /** Kinds of resources that some service keeps. */
  readonly resourceKinds: readonly string[];
  /** Kinds of triggers that some service serves; a release may name others, which wait. */
  readonly triggerKinds: readonly string[];
}

/** One thing that is wrong: where (a JSON pointer into the deploy request), and what. */
export interface ReleaseProblem {
  readonly path: string;
  readonly message: string;
}

export interface ReleaseCandidate {
  readonly app: string;
  readonly environment: string;
  readonly manifest: ReleaseManifest;
  readonly artifacts: readonly (readonly ArtifactFileManifest[])[];
}

/** Longest label of a host name (RFC 1035 §2.3.4): `APP--ENVIRONMENT` must be one. */
const ADDRESS_CHARS_MAX = 63;
const METHODS: ReadonlySet<string> = new Set(ROUTE_METHODS);

/** Everything the schema cannot say about a release. Empty: it may be deployed. */
export function releaseProblems(candidate: ReleaseCandidate, abilities: Abilities): ReleaseProblem[] {
  const trees = new Map<string, ReadonlyMap<string, number>>();
  return [
    ...appProblems(candidate),
    ...addressProblems(candidate.app, candidate.environment),
    ...candidate.artifacts.flatMap((files, index) => treeProblems(files, `/artifacts/${index}`, trees)),
    ...functionProblems(candidate.manifest, trees, abilities),
    ...routeProblems(candidate.manifest),
    ...resourceProblems(candidate.manifest, abilities),
    ...unusedProblems(candidate.manifest, trees),
  ];
}

function appProblems({ app, manifest }: ReleaseCandidate): ReleaseProblem[] {
  if (manifest.app === app) return [];
  return [{ path: '/manifest/app', message: `is "${manifest.app}", but the address says "${app}"` }];
}

/** Why an app and an environment make no host name that leads to both. */
export function addressProblems(app: string, environment: string): ReleaseProblem[] {
  const problems: ReleaseProblem[] = [];
  const add = (path: string, message: string): void => void problems.push({ path, message });
  // "--" parts app and environment in host names.
  if (app.includes('--')) add('/manifest/app', 'has "--", which parts app and environment');
  if (environment.includes('--')) add('/environment', 'has "--", which parts app and environment');
  const address = addressOf(app, environment);
  if (address.length > ADDRESS_CHARS_MAX) {
    add('/environment', `makes the host name "${address}" longer than ${ADDRESS_CHARS_MAX} characters`);
  }
  return problems;
}

function treeProblems(
  files: readonly ArtifactFileManifest[],
  at: string,
  trees: Map<string, ReadonlyMap<string, number>>,
): ReleaseProblem[] {
  const problems: ReleaseProblem[] = [];
  /** Path → mode. */
  const paths = new Map<string, number>();
  for (const [index, { path, mode }] of files.entries()) {
    const message = paths.has(path) ? `is there twice: "${path}"` : filePathProblem(path);
    if (message !== null) problems.push({ path: `${at}/${index}/path`, message });
    paths.set(path, mode);
  }
  trees.set(artifactDigest(files), paths);
  return problems;
}

function filePathProblem(path: string): string | null {
  const parts = path.split('/');
  const escapes = parts.some((part) => part === '' || part === '.' || part === '..');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a zero byte would end the name early
  return escapes || /[\\\u0000]/.test(path) ? `leaves the artifact or is no relative path: "${path}"` : null;
}

function functionProblems(
  manifest: ReleaseManifest,
  trees: ReadonlyMap<string, ReadonlyMap<string, number>>,
  abilities: Abilities,
): ReleaseProblem[] {
  const problems: ReleaseProblem[] = [];
  const names = new Set<string>();
  for (const [index, fn] of manifest.functions.entries()) {
    const add = (field: string, message: string): void =>
      void problems.push({ path: `/manifest/functions/${index}/${field}`, message });
    if (names.has(fn.name)) add('name', `is there twice: "${fn.name}"`);
    names.add(fn.name);
    if (!abilities.runtimes.includes(fn.runtime)) {
      add('runtime', `"${fn.runtime}" is unknown here; known: ${abilities.runtimes.join(', ')}`);
    }
    if (!abilities.dialects.includes(fn.dialect)) {
      add('dialect', `"${fn.dialect}" is unknown here; known: ${abilities.dialects.join(', ')}`);
    }
    const tree = trees.get(fn.artifact);
    if (tree === undefined) add('artifact', 'names no artifact of this request');
    else programProblems(fn, tree, add);
    if (fn.limits.provisioned > fn.limits.maxInstances) {
      add('limits/provisioned', `is more than maxInstances (${fn.limits.maxInstances})`);
    }
  }
  return problems;
}

/** What starts the function must be there, and a custom runtime's program must be one that can be started. */
function programProblems(
  { handler: { file }, command, runtime }: FunctionManifest,
  tree: ReadonlyMap<string, number>,
  add: (field: string, message: string) => void,
): void {
  const runsPrograms = RUNTIMES[runtime]?.language === null;
  if (command !== undefined) {
    if (!runsPrograms) add('command', `is for runtimes that run programs, not "${runtime}"`);
    return;
  }
  const mode = tree.get(file);
  if (mode === undefined) add('handler/file', `"${file}" is not in the artifact`);
  else if (runtime === 'provided' && mode !== 0o755) add('handler/file', `"${file}" has no run bit`);
}

function routeProblems(manifest: ReleaseManifest): ReleaseProblem[] {
  const problems: ReleaseProblem[] = [];
  const taken = new Map<string, string>();
  for (const [index, fn] of manifest.functions.entries()) {
    for (const [at, { method, pattern }] of fn.routes.entries()) {
      const path = `/manifest/functions/${index}/routes/${at}`;
      const wrong = routePatternProblem(pattern);
      if (wrong !== null) problems.push({ path: `${path}/pattern`, message: `"${pattern}" ${wrong}` });
      if (!METHODS.has(method))
        problems.push({ path: `${path}/method`, message: `"${method}" is no method` });
      const route = `${method} ${routeShape(pattern)}`;
      const other = taken.get(route);
      if (other === undefined) taken.set(route, fn.name);
      else problems.push({ path, message: `${method} ${pattern} collides with a route of "${other}"` });
    }
  }
  return problems;
}

/** What nobody keeps must not look as if it were kept. */
function resourceProblems(
  { resources = [] }: ReleaseManifest,
  { resourceKinds }: Abilities,
): ReleaseProblem[] {
  const problems: ReleaseProblem[] = [];
  const known = resourceKinds.length === 0 ? 'none yet' : resourceKinds.join(', ');
  const taken = new Set<string>();
  for (const [index, { kind, name }] of resources.entries()) {
    const path = `/manifest/resources/${index}`;
    if (!resourceKinds.includes(kind))
      problems.push({ path: `${path}/kind`, message: `"${kind}" is unknown here; known: ${known}` });
    if (taken.has(`${kind}/${name}`)) problems.push({ path, message: `is there twice: ${kind} "${name}"` });
    taken.add(`${kind}/${name}`);
  }
  return problems;
}

function unusedProblems(
  manifest: ReleaseManifest,
  trees: ReadonlyMap<string, ReadonlyMap<string, number>>,
): ReleaseProblem[] {
  const used = new Set(manifest.functions.map((fn: FunctionManifest) => fn.artifact));
  return [...trees.keys()]
    .filter((artifact) => !used.has(artifact))
    .map((artifact) => ({ path: '/artifacts', message: `no function uses the artifact ${artifact}` }));
}
