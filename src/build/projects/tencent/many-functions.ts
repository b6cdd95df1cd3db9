import type { RouteFile } from '../../config-schema.ts';
import type { TriggerFile } from '../../trigger-schema.ts';
import type { AppDraft } from '../app-draft.ts';
import type { ProjectFolder } from '../project-folder.ts';
import type { Section } from '../section.ts';
import { wholeFolder } from '../shipped-files.ts';
import { addVendorFunction } from '../vendor-function.ts';
import { leaveGateway, readEndpoint, readSource } from './events.ts';
import { DEFAULTS, excluded, leaveOthers, readProgram } from './function.ts';

interface Reached {
  readonly routes: RouteFile[];
  readonly triggers: TriggerFile[];
}

/** `inputs` of a `multi-scf` component: several functions of one folder, and triggers that name the function they lead to. */
export async function addFunctions(
  inputs: Section,
  { draft, folder }: { readonly draft: AppDraft; readonly folder: ProjectFolder },
): Promise<void> {
  const functions = inputs.section('functions')?.members() ?? [];
  const reached = new Map<string, Reached>(functions.map(([name]) => [name, { routes: [], triggers: [] }]));
  for (const trigger of inputs.sections('triggers')) readTrigger(trigger, reached);
  const shared = inputs.section('environment')?.section('variables')?.pairs() ?? {};
  const memory = inputs.number('memorySize');
  const timeout = inputs.number('timeout');
  inputs.pass('description', 'name');
  leaveOthers(inputs);
  const include = wholeFolder(excluded(inputs));
  for (const [written, section] of functions) {
    const name = draft.nameFor(written);
    section.owner = name;
    section.pass('description', 'name');
    const program = await readProgram(inputs, folder, section);
    const own = section.number('timeout') ?? timeout;
    const variables = section.section('environment')?.section('variables')?.pairs() ?? {};
    const memoryMb = section.number('memorySize') ?? memory;
    leaveOthers(section);
    draft.addFunction(name, section.place());
    if (program === null) continue;
    addVendorFunction(draft, {
      name,
      place: section.place(),
      ...program,
      include,
      memoryMb,
      timeoutMs: own === undefined ? DEFAULTS.timeoutMs : own * 1_000,
      env: { ...shared, ...variables },
      ...reached.get(written),
    });
  }
}

/** `{ type, function, parameters }`; each path of a gateway may name a function of its own. */
function readTrigger(trigger: Section, reached: ReadonlyMap<string, Reached>): void {
  const kind = trigger.text('type') ?? '';
  const target = trigger.text('function');
  const parameters = trigger.section('parameters');
  trigger.pass('name');
  parameters?.pass('name', 'description');
  const find = (section: Section, name: string | undefined): Reached | undefined => {
    const found = reached.get(name ?? '');
    if (found === undefined) {
      const means = `there is no function "${name ?? ''}" that it could lead to`;
      section.tellAt(section.path, { severity: 'ignored', means });
    }
    return found;
  };
  if (kind !== 'apigw') {
    const made = readSource(kind, trigger, parameters);
    find(trigger, target)?.triggers.push(...made);
    return;
  }
  leaveGateway(parameters);
  for (const api of parameters?.sections('apis') ?? []) {
    const own = api.value('function');
    const routes = readEndpoint(api);
    find(api, typeof own === 'string' ? own : target)?.routes.push(...routes);
  }
}
