import { posix } from 'node:path';
import type { RouteFile } from '../../config-schema.ts';
import type { TriggerFile } from '../../trigger-schema.ts';
import type { AppDraft } from '../app-draft.ts';
import { CLOSED_ROUTE } from '../closed-route.ts';
import { type ProjectFolder, tidyPath } from '../project-folder.ts';
import { chooseRuntime } from '../runtime-choice.ts';
import type { Section } from '../section.ts';
import { wholeFolder } from '../shipped-files.ts';
import { addVendorFunction } from '../vendor-function.ts';
import { readParameters } from './parameters.ts';

interface ActionPaths {
  readonly package: string;
  readonly action: string;
  /** Of APIs. */
  readonly routes: readonly RouteFile[];
  readonly triggers: readonly TriggerFile[];
}

interface Reading {
  readonly draft: AppDraft;
  readonly folder: ProjectFolder;
  readonly fill: (text: string) => string;
  /** Parameters of the package, which all its actions get. */
  readonly inputs: Section | undefined;
}

/** Ways to ask for a web action's answer, or for a part of its result. */
const EXTENSIONS = ['', '/*', '.http', '.http/*', '.json', '.json/*', '.html', '.svg', '.text'] as const;

/** Reads one action. A web action answers at OpenWhisk's own path, whatever namespace a client writes there. */
export async function addAction(
  name: string,
  section: Section,
  paths: ActionPaths,
  { draft, folder, fill, inputs }: Reading,
): Promise<void> {
  section.owner = name;
  const { web, raw, options } = readWeb(section);
  const limits = section.section('limits');
  const timeout = limits?.number('timeout');
  const memory = limits?.number('memorySize');
  const perInstance = limits?.number('concurrentActivations') ?? limits?.number('concurrency');
  limits?.leave('ignored', {
    logSize: 'the node bounds logs',
    codeSize: 'the node bounds code',
    parameterSize: 'the node bounds bodies',
    userInvocationRate: '"concurrency" in mayfly.yaml bounds the calls',
  });
  limits?.pass('concurrency');
  const parameters = {
    ...(inputs === undefined ? {} : readParameters(inputs, fill)),
    ...readOwn(section, fill),
  };
  leaveOthers(section);
  const program = await readProgram(section, folder);
  draft.addFunction(name, section.place());
  if (program === null) return;
  const base = `/api/v1/web/:namespace/${paths.package}/${paths.action}`;
  const own = web ? EXTENSIONS.map((extension) => `${base}${extension}`) : [];
  addVendorFunction(draft, {
    name,
    place: section.place(),
    ...program,
    dialect: 'openwhisk',
    memoryMb: memory,
    timeoutMs: timeout,
    concurrency: perInstance === undefined ? {} : { perInstance },
    env: {
      ...(raw ? { MAYFLY_OPENWHISK_RAW: 'true' } : {}),
      ...(options ? { MAYFLY_OPENWHISK_OPTIONS: 'true' } : {}),
      ...(Object.keys(parameters).length === 0
        ? {}
        : { MAYFLY_OPENWHISK_PARAMETERS: JSON.stringify(parameters) }),
    },
    routes: [...own, ...paths.routes],
    triggers: paths.triggers,
  });
}

function readOwn(section: Section, fill: (text: string) => string): Readonly<Record<string, unknown>> {
  const inputs = section.section('inputs');
  return inputs === undefined ? {} : readParameters(inputs, fill);
}

/** `web`, `web-export` (true, yes, raw), or the annotations of those names. */
function readWeb(section: Section) {
  const annotations = section.section('annotations');
  const said =
    section.text('web-export') ?? section.text('web') ?? annotations?.text('web-export') ?? 'false';
  section.pass('web', 'web-export');
  annotations?.pass('web-export');
  const isRaw = said === 'raw' || annotations?.flag('raw-http') === true;
  const options =
    annotations?.flag('web-custom-options') === true || section.flag('web-custom-options') === true;
  const secret = annotations?.value('require-whisk-auth') ?? section.value('require-whisk-auth');
  const isClosed = secret !== undefined && secret !== false;
  if (isClosed) {
    (annotations?.has('require-whisk-auth') ? annotations : section).tell('require-whisk-auth', CLOSED_ROUTE);
  }
  for (const key of annotations?.keys ?? []) {
    if (!READ.has(key)) annotations?.leave('ignored', { [key]: 'nothing here reads this annotation' });
  }
  return { web: !isClosed && (isRaw || /^(true|yes)$/i.test(said)), raw: isRaw, options };
}

const READ: ReadonlySet<string> = new Set([
  'web-export',
  'raw-http',
  'web-custom-options',
  'require-whisk-auth',
]);

function leaveOthers(section: Section): void {
  section.pass('version', 'description', 'outputs');
  section.leave('ignored', {
    namespace: 'apps and environments are what namespaces are there',
    credential: 'MAYFLY_TOKEN is who deploys',
    exposedUrl: 'the routes of the app say where it answers',
    conductor: 'what a conductor returns is given to the caller; nothing follows it',
    triggers: 'triggers stand at the package',
  });
  section.leave('blocks', {
    docker: "an image of OpenWhisk's own kind is not run",
    native: "an image of OpenWhisk's own kind is not run",
    code: 'code in the manifest itself is not read; put it into a file and name it with "function"',
  });
}

async function readProgram(section: Section, folder: ProjectFolder) {
  const written = section.text('function') ?? section.text('location');
  section.pass('location');
  const entry = section.text('main');
  const runtime = section.text('runtime');
  if (written === undefined) {
    if (!section.has('code'))
      section.tellAt(section.path, { severity: 'blocks', means: 'it names no "function"' });
    return null;
  }
  const path = posix.normalize(written);
  const choice = chooseRuntime(runtime?.replace(/:default$/, '') ?? languageOf(path));
  if (choice.note !== null) section.tell(runtime === undefined ? 'function' : 'runtime', choice.note);
  if (choice.runtime === null) return null;
  const main = await mainOfFolder(folder, path);
  const found =
    choice.language === 'python'
      ? await folder.firstFile([path, posix.join(path, '__main__.py')])
      : (main ?? (await folder.source(path)));
  if (found !== null && !found.endsWith('.zip')) {
    const isFolder = found.startsWith(`${path}/`);
    const handler = isFolder ? posix.relative(path, found) : found;
    return {
      ...(isFolder ? { root: path } : {}),
      handler: entry === undefined ? handler : `${handler}#${entry}`,
      include: readIncludes(section, isFolder),
      runtime: choice.runtime,
    };
  }
  const means = /\.zip$/.test(path)
    ? 'an archive is not unpacked; name the folder that it was made of'
    : `there is no file ${path}`;
  section.tell(section.has('function') ? 'function' : 'location', { severity: 'blocks', means });
  return null;
}

/** `include`: pairs of a glob and the folder that its files go to; `exclude`: globs. A folder is shipped whole. */
function readIncludes(section: Section, isFolder: boolean): string[] {
  const pairs = section.value('include');
  const globs = (Array.isArray(pairs) ? pairs : []).flatMap((pair: unknown) =>
    Array.isArray(pair) ? String(pair[0]) : String(pair),
  );
  const without = section.texts('exclude').flatMap((glob) => tidyPath(glob) ?? []);
  if (isFolder && globs.length > 0) {
    section.tell('include', { severity: 'ignored', means: 'files from outside its folder are not shipped' });
  }
  if (isFolder) return wholeFolder(without);
  const kept = globs.flatMap((glob) => tidyPath(glob) ?? []);
  if (kept.length > 0) {
    section.tell('include', { severity: 'ignored', means: 'the files keep their own paths' });
  }
  return kept.length === 0 ? [] : [...kept, ...without.map((glob) => `!${glob}`)];
}

/** A folder is an action with a package.json, as it would be zipped. */
async function mainOfFolder(folder: ProjectFolder, path: string): Promise<string | null> {
  const main = (await folder.packageJson(path))?.main;
  return typeof main === 'string' ? folder.source(posix.join(path, main)) : null;
}

const LANGUAGES: Readonly<Record<string, string>> = {
  py: 'python',
  go: 'go',
  java: 'java',
  php: 'php',
  rb: 'ruby',
  rs: 'rust',
  swift: 'swift',
};

function languageOf(path: string): string {
  return LANGUAGES[posix.extname(path).slice(1)] ?? 'nodejs';
}
