import { posix } from 'node:path';
import type { AppDraft } from '../app-draft.ts';
import { type ProjectFolder, tidyPath } from '../project-folder.ts';
import { chooseRuntime } from '../runtime-choice.ts';
import { isMapping, type Section } from '../section.ts';
import { wholeFolder } from '../shipped-files.ts';
import { addVendorFunction, type VendorFunction } from '../vendor-function.ts';
import { readEvents } from './events.ts';

/** What Tencent takes when nothing is said. */
export const DEFAULTS = { handler: 'index.main_handler', runtime: 'Nodejs18.15', timeoutMs: 3_000 } as const;

/** `inputs` of one `scf` component. */
export async function addFunction(
  inputs: Section,
  written: string,
  { draft, folder }: { readonly draft: AppDraft; readonly folder: ProjectFolder },
): Promise<void> {
  const own = inputs.text('name') ?? inputs.text('functionName');
  const name = draft.nameFor(written);
  inputs.owner = name;
  inputs.pass('functionName', 'description');
  if (own !== undefined && own !== written) {
    inputs.tell('name', { severity: 'ignored', means: `the function is named ${name}, after its component` });
  }
  const timeout = inputs.number('timeout');
  const loading = inputs.number('initTimeout');
  const isAlone = draft.function(name).handler === undefined;
  const { routes, triggers } = readEvents(inputs, isAlone);
  const program = await readProgram(inputs, folder);
  const reserved = inputs.section('instanceConcurrencyConfig');
  const perInstance = reserved?.number('maxConcurrency');
  reserved?.pass('enable', 'dynamicEnabled', 'maxConcurrency');
  leaveOthers(inputs);
  draft.addFunction(name, inputs.place());
  if (program === null) return;
  addVendorFunction(draft, {
    name,
    place: inputs.place(),
    ...program,
    include: program.runtime === 'http' ? [] : wholeFolder(excluded(inputs)),
    memoryMb: inputs.number('memorySize'),
    timeoutMs: timeout === undefined ? DEFAULTS.timeoutMs : timeout * 1_000,
    initTimeoutMs: loading === undefined ? undefined : loading * 1_000,
    concurrency: perInstance === undefined ? {} : { perInstance },
    env: inputs.section('environment')?.section('variables')?.pairs() ?? {},
    routes,
    triggers,
  });
  if (inputs.flag('publicAccess') === false)
    draft.set(['functions', name, 'network'], 'none', inputs.place('publicAccess'));
}

type Program = Pick<VendorFunction, 'handler' | 'command' | 'runtime' | 'dialect' | 'root'>;

/** @param own of one function among several, which says its handler and may say its runtime */
export async function readProgram(
  inputs: Section,
  folder: ProjectFolder,
  own: Section = inputs,
): Promise<Program | null> {
  const handler = own.text('handler') ?? DEFAULTS.handler;
  const runtime = own.text('runtime') ?? inputs.text('runtime') ?? DEFAULTS.runtime;
  const root = readSource(inputs);
  if (inputs.has('image')) {
    inputs.section('image')?.pass(...(inputs.section('image')?.keys ?? []));
    inputs.tell('image', {
      severity: 'blocks',
      means: 'the image is not in this folder',
      suggestion: 'save it here (docker save -o FILE.tar IMAGE), and write "image: FILE.tar" in mayfly.yaml',
    });
    return null;
  }
  if (root === null) {
    inputs.tellAt(inputs.path, {
      severity: 'blocks',
      means: 'its code is not in this folder: "src" names none',
    });
    return null;
  }
  if (inputs.text('type') === 'web') return readServer(inputs, root, folder);
  const choice = chooseRuntime(runtime);
  if (choice.note !== null) {
    const said = [own, inputs].find((each) => each.has('runtime'));
    (said ?? own).tell(said === undefined ? 'handler' : 'runtime', choice.note);
  }
  if (choice.runtime === null) return null;
  const dot = handler.lastIndexOf('.');
  const [file, name] = dot <= 0 ? [handler, 'main_handler'] : [handler.slice(0, dot), handler.slice(dot + 1)];
  const path = posix.join(root, choice.language === 'python' ? `${file}.py` : file);
  const found = choice.language === 'python' ? await folder.firstFile([path]) : await folder.source(path);
  if (found === null) {
    own.tell(own.has('handler') ? 'handler' : 'src', {
      severity: 'blocks',
      means: `there is no file ${path}`,
    });
    return null;
  }
  const inRoot = root === '.' ? found : posix.relative(root, found);
  return { handler: `${inRoot}#${name}`, runtime: choice.runtime, dialect: 'tencent', root };
}

/** `src`: a folder, or a mapping with one; `codeUri` before. Null: it is in a bucket. */
export function readSource(inputs: Section): string | null {
  const value = inputs.value('src') ?? inputs.value('codeUri');
  inputs.pass('src', 'codeUri');
  if (value === undefined) return '.';
  if (typeof value === 'string') return tidyPath(value);
  const section = inputs.section('src');
  section?.pass('bucket');
  section?.leave('ignored', {
    hook: 'no commands are run around a deploy',
    dist: 'the code is built from its sources',
  });
  section?.pass('object', 'key');
  const folder = section?.text('src');
  return folder === undefined ? null : tidyPath(folder);
}

/** What is not shipped, said at `src` or, as it was before, beside it. */
export function excluded(inputs: Section): string[] {
  const section = isMapping(inputs.value('src')) ? inputs.section('src') : undefined;
  for (const each of [inputs, section]) {
    each?.leave('ignored', { include: 'files from outside the code are not shipped' });
  }
  return [...inputs.texts('exclude'), ...(section?.texts('exclude') ?? [])].flatMap(
    (glob) => tidyPath(glob) ?? [],
  );
}

/** A web function: `scf_bootstrap` starts a server that listens on port 9000 there, and on PORT here. */
async function readServer(inputs: Section, root: string, folder: ProjectFolder): Promise<Program | null> {
  const script = await folder.firstFile([posix.join(root, 'scf_bootstrap')]);
  inputs.pass('handler', 'runtime', 'entryFile', 'protocolType', 'protocolParams');
  if (script === null) {
    inputs.tell('type', {
      severity: 'blocks',
      means: `there is no file ${posix.join(root, 'scf_bootstrap')}`,
    });
    return null;
  }
  inputs.tell('type', {
    severity: 'ignored',
    means: 'the server must listen on the port that the variable PORT names, not on 9000',
  });
  return { command: ['./scf_bootstrap'], runtime: 'http', root };
}

export function leaveOthers(inputs: Section): void {
  inputs.leave('ignored', {
    region: 'the node is the only place there is',
    namespace: 'apps and environments are what namespaces are there',
    role: 'grants say what a function may do',
    enableRoleAuth: 'grants say what a function may do',
    vpcConfig: 'functions reach what the node reaches',
    vpc: 'functions reach what the node reaches',
    cfs: 'there are no network drives; /tmp can be written to',
    deadLetter: 'queues have dead letters of their own',
    layers: 'layers are not fetched; install their packages into the code',
    cls: '"mayfly logs" reads the log',
    eip: 'calls out have the address of the node',
    asyncRunEnable: 'a call may take as long as "timeout" says',
    traceEnable: 'calls carry a trace context at any time',
    tags: 'there are no tags',
    installDependency: 'packages are installed by the author, and bundled by Mayfly',
    traffic: 'calls are divided among releases: "mayfly deploy --canary"',
    lastVersion: 'releases have digests',
    aliasName: 'calls go to the release that is live',
    provisionedNum: '"concurrency.provisioned" in mayfly.yaml keeps instances ready',
    ignoreTriggers: 'triggers are those of the release',
  });
}
