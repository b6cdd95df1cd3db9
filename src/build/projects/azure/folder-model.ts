import { posix } from 'node:path';
import { DEFAULT_RUNTIME } from '../../../contract/runtimes.ts';
import type { RouteFile } from '../../config-schema.ts';
import type { TriggerFile } from '../../trigger-schema.ts';
import { readJsonSource } from '../json-source.ts';
import { isMapping, Section } from '../section.ts';
import { addVendorFunction } from '../vendor-function.ts';
import { eventSource } from './event-source.ts';
import type { AzureProject } from './host.ts';
import { httpRoutes } from './http-trigger.ts';

/** The variable in which the dialect finds the bindings of `function.json`. */
const BINDINGS = 'MAYFLY_AZURE_BINDINGS';

/** Programming model 3, and Python's first: a folder with `function.json` is a function, the folder's name its name. */
export async function addFolderModel(path: string, project: AzureProject): Promise<void> {
  const { draft, folder, settings, env } = project;
  const text = (await folder.text(path)) ?? '';
  const top = Section.of(readJsonSource(folder.absolute(path), path, text), draft);
  const written = posix.dirname(path);
  const name = draft.nameFor(written);
  top.owner = name;
  top.pass('$schema', 'generatedBy', 'configurationSource');
  const bindings = top.value('bindings');
  const off = top.value('disabled') === true || env[`AzureWebJobs.${written}.Disabled`] === 'true';
  if (off || (settings.only !== null && !settings.only.includes(written))) {
    top.tellAt([], { severity: 'ignored', means: `function ${written} is switched off, so it is left out` });
    return;
  }
  const { routes, triggers } = readBindings(top, written, project);
  top.leave('ignored', { retry: 'the event source says how often an event is tried' });
  const handler = await readHandler(top, written, project);
  top.close();
  if (handler === null) return;
  addVendorFunction(draft, {
    name,
    place: top.place('bindings'),
    ...handler,
    dialect: 'azure',
    timeoutMs: settings.timeoutMs,
    include: project.include,
    env: { ...env, [BINDINGS]: JSON.stringify(bindings ?? []) },
    routes,
    triggers,
  });
}

/** `scriptFile`, relative to the folder, else the usual names; `entryPoint`, else what the dialect takes. */
async function readHandler(top: Section, written: string, { folder }: AzureProject) {
  const script = top.text('scriptFile');
  const entry = top.text('entryPoint');
  const path = posix.normalize(posix.join(written, script ?? 'index'));
  const isPython =
    script === undefined ? await folder.hasFile(posix.join(written, '__init__.py')) : script.endsWith('.py');
  const found = isPython
    ? await folder.firstFile([script === undefined ? posix.join(written, '__init__.py') : path])
    : ((await folder.source(compiledFrom(path))) ?? (await folder.source(path)));
  if (found === null) {
    top.tellAt([], {
      severity: 'blocks',
      means: `there is no code of function ${written}: ${script ?? 'index.js'} is not there`,
    });
    return null;
  }
  const handler = entry === undefined ? found : `${found}#${entry}`;
  return { handler, runtime: isPython ? 'python3' : DEFAULT_RUNTIME };
}

/** `../dist/hello/index.js` is compiled from `hello/index.ts`. */
const compiledFrom = (path: string): string => path.replace(/^(dist|build|out|lib)\//, '');

function readBindings(top: Section, written: string, { settings }: AzureProject) {
  const routes: RouteFile[] = [];
  const triggers: TriggerFile[] = [];
  for (const binding of top.sections('bindings')) {
    const kind = binding.text('type') ?? '';
    const direction = binding.text('direction') ?? '';
    const options = Object.fromEntries(binding.keys.map((key) => [key, binding.value(key)]));
    if (/^httpTrigger$/i.test(kind)) {
      const methods = binding.texts('methods').map((method) => method.toUpperCase());
      const authLevel = binding.text('authLevel') ?? 'function';
      const http = httpRoutes(written, { route: binding.text('route'), methods, authLevel }, settings);
      routes.push(...http.routes);
      for (const note of http.notes) binding.tellAt(binding.path, note);
    } else if (/Trigger$/.test(kind)) {
      const { triggers: found, note } = eventSource(kind, options);
      triggers.push(...found);
      if (note !== null) binding.tellAt(binding.path, note);
    } else if (!/^http$/i.test(kind)) {
      const means = `${direction} binding "${kind}": it is empty, and begins to work with a service of that kind here`;
      binding.tellAt(binding.path, { severity: 'later', means });
    }
  }
  if (!isMapping(top.value('bindings')) && !Array.isArray(top.value('bindings'))) {
    top.tellAt([], { severity: 'blocks', means: 'it has no "bindings"' });
  }
  return { routes, triggers };
}
