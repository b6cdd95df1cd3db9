import { posix } from 'node:path';
import type { AppDraft } from '../app-draft.ts';
import type { ProjectFolder } from '../project-folder.ts';
import { chooseRuntime } from '../runtime-choice.ts';
import type { Section } from '../section.ts';
import { wholeFolder } from '../shipped-files.ts';
import { addVendorFunction } from '../vendor-function.ts';
import { routesBelow } from '../vendor-route.ts';
import { leaveGateway } from './events.ts';
import { DEFAULTS, excluded, leaveOthers, readSource } from './function.ts';

/** Frameworks whose entry file exports the application, and what the file is called. */
const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  express: ['sls.js', 'app.js'],
  koa: ['sls.js', 'app.js'],
  flask: ['app.py'],
};

/** The framework of a component: `express`, or `http` with `faas.framework`. Null: one that Mayfly cannot start by itself. */
export function frameworkOf(component: string, inputs: Section): string | null {
  const name = /^(?:@serverless\/)?(?:tencent-)?([a-z]+)(?:@.*)?$/.exec(component)?.[1] ?? '';
  const said = name === 'http' ? inputs.section('faas')?.text('framework') : name;
  return said !== undefined && Object.hasOwn(ENTRIES, said) ? said : null;
}

/** `inputs` of a framework's component: the application that a file exports, at every path. */
export async function addApplication(
  framework: string,
  inputs: Section,
  written: string,
  { draft, folder }: { readonly draft: AppDraft; readonly folder: ProjectFolder },
): Promise<void> {
  const name = draft.nameFor(written);
  inputs.owner = name;
  // The form of `http` has what is about the function in a section of its own.
  const settings = inputs.section('faas') ?? inputs.section('functionConf') ?? inputs;
  settings.pass('framework', 'name', 'functionName', 'description');
  inputs.pass('functionConf', 'faas', 'functionName');
  const root = readSource(inputs) ?? '.';
  const entry = settings.text('entryFile') ?? inputs.text('entryFile');
  const names = entry === undefined ? (ENTRIES[framework] ?? []) : [entry];
  const file = await folder.firstFile(names.map((each) => posix.join(root, each)));
  const said = settings.text('runtime') ?? inputs.text('runtime');
  const isPython = framework === 'flask';
  const { runtime, note } = chooseRuntime(said ?? (isPython ? 'Python3.7' : DEFAULTS.runtime));
  if (note !== null && said !== undefined)
    (settings.has('runtime') ? settings : inputs).tell('runtime', note);
  const timeout = settings.number('timeout');
  const memoryMb = settings.number('memorySize');
  const variables = (settings.section('environment') ?? inputs.section('environment'))
    ?.section('variables')
    ?.pairs();
  const include = wholeFolder(excluded(inputs));
  for (const key of ['apigatewayConf', 'apigw']) {
    const gateway = inputs.section(key);
    leaveGateway(gateway);
    gateway?.leaveRest('ignored', "it is about Tencent's gateway");
  }
  leaveOthers(settings);
  leaveOthers(inputs);
  draft.addFunction(name, inputs.place());
  if (file === null) {
    const means = `there is no file ${names.join(' or ')}, which exports the application`;
    inputs.tellAt(inputs.path, { severity: 'blocks', means });
    return;
  }
  if (runtime === null) return;
  addVendorFunction(draft, {
    name,
    place: inputs.place(),
    handler: `${posix.relative(root, file)}#${isPython ? 'app' : 'default'}`,
    root,
    runtime,
    dialect: 'http',
    include,
    memoryMb,
    timeoutMs: timeout === undefined ? DEFAULTS.timeoutMs : timeout * 1_000,
    // By it applications tell that they need not listen.
    env: { SERVERLESS: '1', ...variables },
    routes: routesBelow('/'),
  });
}
