import { posix } from 'node:path';
import type { RouteFile } from '../../config-schema.ts';
import type { TriggerFile } from '../../trigger-schema.ts';
import type { AppDraft } from '../app-draft.ts';
import { readLimits } from '../container-limits.ts';
import type { ProjectFolder } from '../project-folder.ts';
import { chooseRuntime } from '../runtime-choice.ts';
import type { Section } from '../section.ts';
import { addVendorFunction, type VendorFunction } from '../vendor-function.ts';
import { archiveGlobs, findEntry } from './entry.ts';
import type { FissionObject, FissionSpecs } from './specs.ts';

/** What leads to a function. */
export interface FunctionTriggers {
  readonly routes: readonly RouteFile[];
  readonly triggers: readonly TriggerFile[];
}

/** Reads one `Function` with its package and environment. */
export async function readFunction(
  object: FissionObject,
  specs: FissionSpecs,
  triggersOf: ReadonlyMap<string, FunctionTriggers>,
  draft: AppDraft,
  folder: ProjectFolder,
): Promise<void> {
  const { document, spec } = object;
  const name = draft.nameFor(object.name);
  document.owner = name;
  spec.owner = name;
  const place = document.section('metadata')?.place('name') ?? document.place();
  const settings = readSettings(spec);
  leaveOthers(spec);
  const runtime = readEnvironment(spec, specs);
  const code = await readPackage(spec, specs, folder, runtime?.language ?? null);
  draft.addFunction(name, place);
  if (runtime === null || code === null) return;
  const { routes = [], triggers = [] } = triggersOf.get(object.name) ?? {};
  addVendorFunction(draft, {
    name,
    place,
    ...code,
    runtime: runtime.runtime,
    dialect: 'fission',
    ...settings,
    routes,
    triggers,
  });
}

function readSettings(spec: Section) {
  const seconds = (key: string): number | undefined => {
    const value = spec.number(key);
    return value === undefined || value === 0 ? undefined : value * 1_000;
  };
  const strategy = spec.section('InvokeStrategy')?.section('ExecutionStrategy');
  spec.section('InvokeStrategy')?.pass('StrategyType');
  strategy?.leave('ignored', {
    ExecutorType: 'every function is started from prewarmed sandboxes',
    TargetCPUPercent: 'instances follow the calls, not the CPU',
    hpaMetrics: 'instances follow the calls',
    hpaBehavior: 'instances follow the calls',
    SpecializationTimeout: '"initTimeout" in mayfly.yaml bounds the loading of code',
  });
  const least = strategy?.number('MinScale');
  const most = strategy?.number('MaxScale') ?? spec.number('concurrency');
  spec.pass('concurrency');
  const perInstance = spec.number('requestsPerPod');
  const resources = spec.section('resources');
  resources?.leave('ignored', { requests: 'a function that nobody calls takes no memory and no CPU' });
  const limits = resources?.section('limits');
  return {
    timeoutMs: seconds('functionTimeout'),
    keepAliveMs: seconds('idletimeout'),
    ...readLimits(limits),
    concurrency: {
      ...(least === undefined || least === 0 ? {} : { provisioned: least }),
      ...(most === undefined || most === 0 ? {} : { max: most }),
      ...(perInstance === undefined || perInstance === 0 ? {} : { perInstance }),
    },
  };
}

function leaveOthers(spec: Section): void {
  for (const [key, folder] of [
    ['secrets', '/secrets'],
    ['configmaps', '/configs'],
  ] as const) {
    for (const each of spec.sections(key)) {
      each.pass('namespace');
      spec.tell(key, {
        severity: 'ignored',
        means: `there are no files ${folder}/…/${each.text('name')}: secrets and settings are variables here`,
        suggestion: 'mayfly secret set NAME, and read it from the environment',
      });
    }
  }
  spec.leave('ignored', {
    podspec: 'there are no pods; the sandbox is the same for all',
    onceonly: 'an instance serves more than one call',
    onceOnly: 'an instance serves more than one call',
    retainPods: 'idle instances follow "keepAlive"',
    toolConfig: 'Mayfly makes no tool of it',
    agent: 'Mayfly knows no agents',
    streaming: 'answers may always be streamed',
  });
}

/** Which language an environment's image is for. */
function readEnvironment(spec: Section, specs: FissionSpecs) {
  const reference = spec.section('environment');
  reference?.pass('namespace');
  const name = reference?.text('name') ?? '';
  const environment = specs.environments.get(name)?.spec;
  if (environment === undefined) {
    const means = `there is no environment "${name}" among the specifications, so its language is unknown`;
    spec.tell('environment', { severity: 'blocks', means });
    return null;
  }
  environment.pass('version', 'poolsize', 'keeparchive', 'terminationGracePeriod');
  environment.leave('ignored', {
    builder: "the code is built on the author's machine, not by the builder's image",
    resources: 'limits stand at the function',
    imagepullsecret: 'no image is pulled',
    allowAccessToExternalNetwork: '"network" in mayfly.yaml says what functions reach',
    allowedFunctionsPerContainer: 'an instance serves one function',
  });
  const image = environment.section('runtime');
  image?.leave('ignored', { podspec: 'there are no pods', container: 'there are no containers' });
  const tag = image?.text('image') ?? '';
  const choice = chooseRuntime(languageOf(tag));
  if (choice.note !== null) image?.tell('image', choice.note);
  return choice.runtime === null ? null : { runtime: choice.runtime, language: choice.language };
}

/** `ghcr.io/fission/node-env-22:v1.33` → `node-22`. */
function languageOf(image: string): string {
  const last = posix.basename(image).replace(/[:@].*$/, '');
  return last.replace(/-(env|fastapi-env)/, '').replace(/^nodejs/, 'node');
}

async function readPackage(
  spec: Section,
  specs: FissionSpecs,
  folder: ProjectFolder,
  language: 'javascript' | 'python' | null,
): Promise<Pick<VendorFunction, 'handler' | 'include'> | null> {
  const reference = spec.section('package');
  const entry = reference?.text('functionName') ?? '';
  const packageReference = reference?.section('packageref');
  packageReference?.pass('namespace', 'resourceversion');
  const name = packageReference?.text('name') ?? '';
  const found = specs.packages.get(name)?.spec;
  if (found === undefined) {
    spec.tell('package', {
      severity: 'blocks',
      means: `there is no package "${name}" among the specifications`,
    });
    return null;
  }
  found.section('environment')?.pass('name', 'namespace');
  found.leave('ignored', { buildcmd: 'packages are installed by the author, and bundled by Mayfly' });
  const archive = archiveOf(found);
  const globs = archive === null ? null : specs.archives.get(archive);
  if (globs === null || globs === undefined) {
    const means = `the code of package "${name}" is not in this folder: it is no archive of an ArchiveUploadSpec`;
    spec.tell('package', {
      severity: 'blocks',
      means,
      suggestion: 'put the code into a file, and name it with include',
    });
    return null;
  }
  const handler = await findEntry(folder, globs, entry, language);
  if (handler !== null) return { handler, include: await archiveGlobs(folder, globs) };
  const means = `"${entry}" is no file in ${globs.join(', ')}`;
  spec.tell('package', { severity: 'blocks', means });
  return null;
}

/** `archive://NAME`: of the deployment, else of the source. */
function archiveOf(spec: Section): string | null {
  let found: string | null = null;
  for (const key of ['source', 'deployment'] as const) {
    const archive = spec.section(key);
    archive?.pass('type', 'checksum', 'literal', 'oci');
    const url = archive?.text('url') ?? '';
    if (url.startsWith('archive://')) found = url.slice('archive://'.length);
  }
  return found;
}
