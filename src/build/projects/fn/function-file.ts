import { posix } from 'node:path';
import { readYamlDocuments } from '../../yaml-source.ts';
import type { AppDraft } from '../app-draft.ts';
import type { ProjectFolder } from '../project-folder.ts';
import { chooseRuntime } from '../runtime-choice.ts';
import { Section } from '../section.ts';
import { wholeFolder } from '../shipped-files.ts';
import { addVendorFunction } from '../vendor-function.ts';
import { readPath, readTriggers } from './triggers.ts';

/** Names that Fn's command line takes for a function's file. */
export const FUNCTION_FILES = ['func.yaml', 'func.yml', 'func.json'] as const;

/** Keys that Fn's `func.yaml` has, and Knative's of the same name does not. */
const OWN_KEYS = /^\s*"?(schema_version|entrypoint|cmd|run_image|build_image)"?\s*:/m;

/** Whether a `func.yaml` is Fn's. */
export const isFunctionFile = (text: string): boolean => OWN_KEYS.test(text);

interface Reading {
  readonly draft: AppDraft;
  readonly folder: ProjectFolder;
  /** What `app.yaml` sets for all functions. */
  readonly config: Readonly<Record<string, string>>;
  /** Whether the app has no file of its own, and so the function's name. */
  readonly namesApp: boolean;
}

/** Reads one `func.yaml`; its folder is the function's own. */
export async function addFunction(path: string, reading: Reading): Promise<void> {
  const { draft, folder, config } = reading;
  const root = posix.dirname(path);
  const [source] = readYamlDocuments(folder.absolute(path), path, (await folder.text(path)) ?? '');
  if (source === undefined) return;
  const top = Section.of(source, draft);
  // `OWNER/NAME` is an image's name; the function is called by its last part.
  const written = posix.basename(top.text('name') ?? posix.basename(folder.absolute(root)));
  const name = draft.nameFor(written);
  const place = top.place('name');
  if (reading.namesApp) draft.name(written, place);
  top.owner = name;
  draft.addFunction(name, place);
  const program = await readProgram(top, root, folder);
  const routes = [...readTriggers(top), ...readPath(top), `POST /invoke/${name}`];
  const timeout = top.number('timeout');
  const idle = top.number('idle_timeout');
  const memory = top.number('memory');
  const own = top.section('config')?.pairs() ?? {};
  tellExpected(top, { ...config, ...own });
  leaveOthers(top);
  if (program !== null) {
    addVendorFunction(draft, {
      name,
      place,
      ...program,
      root,
      include: wholeFolder(),
      memoryMb: memory,
      timeoutMs: timeout === undefined ? undefined : timeout * 1_000,
      keepAliveMs: idle === undefined ? undefined : idle * 1_000,
      env: own,
      routes,
    });
  }
  top.close();
}

/** The module is the last word of `entrypoint`: `node func.js`, `/python/bin/fdk /function/func.py handler`. */
async function readProgram(top: Section, root: string, folder: ProjectFolder) {
  const written = top.text('runtime') ?? '';
  const words = (top.text('entrypoint') ?? '').split(/\s+/).filter((word) => word !== '');
  const [program = ''] = words;
  // An image of the author's own that starts Node.js is such a function all the same.
  const named = written === 'docker' && posix.basename(program) === 'node' ? 'node' : written;
  const { runtime, language, note } = chooseRuntime(named);
  top.pass('cmd');
  if (written === 'docker' || written === '') {
    const means = 'no image is built; its Dockerfile is not read';
    if (runtime !== null) top.tell('runtime', { severity: 'ignored', means });
  }
  if (runtime === null) {
    const means = "a container here speaks HTTP on PORT or the Lambda Runtime API, not Fn's protocol";
    top.tell('runtime', written === 'docker' ? { severity: 'blocks', means } : note!);
    return null;
  }
  if (note !== null) top.tell('runtime', note);
  const file = await findModule(language, words, root, folder);
  if (file === null) {
    const means = `there is no ${language === 'python' ? 'func.py' : 'func.js'} in ${root === '.' ? 'the folder' : root}`;
    top.tell('entrypoint', { severity: 'blocks', means });
    return null;
  }
  const handler = posix.relative(root, file);
  const entry =
    language === 'python'
      ? `#${/\.py$/.test(words.at(-1) ?? '') ? 'handler' : (words.at(-1) ?? 'handler')}`
      : '';
  return { handler: `${handler}${entry}`, runtime, dialect: 'fn' };
}

async function findModule(
  language: 'javascript' | 'python' | null,
  words: readonly string[],
  root: string,
  folder: ProjectFolder,
): Promise<string | null> {
  const isPython = language === 'python';
  const suffix = isPython ? /\.py$/ : /\.[cm]?[jt]s$/;
  // The image has the folder at /function.
  const said = words.filter((word) => suffix.test(word)).map((word) => word.replace(/^\/function\//, ''));
  const main = isPython ? null : (await folder.packageJson(root))?.main;
  const names = [...said, ...(typeof main === 'string' ? [main] : []), isPython ? 'func.py' : 'func.js'];
  for (const name of names) {
    const path = posix.join(root, name);
    const found = isPython ? await folder.firstFile([path]) : await folder.source(path);
    if (found !== null) return found;
  }
  return null;
}

/** `expects.config`: variables that must come from somewhere. */
function tellExpected(top: Section, given: Readonly<Record<string, string>>): void {
  for (const each of top.section('expects')?.sections('config') ?? []) {
    const name = each.text('name') ?? '';
    if (each.flag('required') !== true || Object.hasOwn(given, name)) continue;
    each.tell('name', {
      severity: 'ignored',
      means: `the function expects ${name}, which nothing here sets`,
      suggestion: `mayfly secret set ${name}`,
    });
  }
}

function leaveOthers(top: Section): void {
  top.pass('schema_version', 'version', 'content_type', 'build_image', 'run_image', 'format');
  top.leave('ignored', {
    annotations: 'nothing here reads annotations',
    build: 'no image is built; run these before mayfly deploy',
    headers: 'the function sets its own headers',
    type: 'a caller says whether it waits: "mayfly invoke --async"',
    cpus: '"cpu" in mayfly.yaml says how much it gets',
    tmpfs_size: '/tmp can be written to, within the memory',
  });
}
