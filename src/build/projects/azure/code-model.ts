import { matchesGlob } from 'node:path';
import { DEFAULT_RUNTIME } from '../../../contract/runtimes.ts';
import type { RouteFile } from '../../config-schema.ts';
import { holdEsbuild } from '../../esbuild-service.ts';
import { analyseModules } from '../../export-analysis.ts';
import type { Place } from '../../problem.ts';
import type { Registration } from '../../vendor-code.ts';
import type { ProjectFolder } from '../project-folder.ts';
import type { Note } from '../section.ts';
import { addVendorFunction } from '../vendor-function.ts';
import { eventSource } from './event-source.ts';
import type { AzureProject } from './host.ts';
import { httpRoutes } from './http-trigger.ts';

/** Methods of `app` that are HTTP triggers for one method. */
const SHORT: Readonly<Record<string, string>> = {
  get: 'GET',
  post: 'POST',
  put: 'PUT',
  patch: 'PATCH',
  deleteRequest: 'DELETE',
};
/** More sources than any project registers functions in. */
const sourcesMax = 500;

/** Programming model 4: the files that `main` of package.json names call `app.http(…)`, `app.timer(…)` and so on. */
export async function addCodeModel(project: AzureProject): Promise<void> {
  const { draft, folder, place } = project;
  const release = holdEsbuild();
  try {
    const found = await registrations(folder);
    for (const [file, registration] of found) addRegistered(file, registration, project);
    if (found.length > 0) return;
  } finally {
    await release();
  }
  draft.blocks({
    place,
    what: 'host.json',
    means:
      'no function is found: there is no function.json, and no file that package.json names in "main" registers one',
    suggestion: 'name the files that register functions in "main"',
  });
}

async function registrations(folder: ProjectFolder): Promise<[file: string, Registration][]> {
  const main = (await folder.packageJson())?.main;
  const sources = (await folder.files()).filter(
    (path) => /\.[cm]?[jt]s$/.test(path) && !/\.d\.ts$|\.(test|spec)\./.test(path),
  );
  const named = typeof main === 'string' ? matching(sources, main) : [];
  const ofMain = await readRegistrations(folder, named);
  return ofMain.length > 0 ? ofMain : readRegistrations(folder, sources);
}

/** What `main` names: the sources that it is compiled from, when they are there. */
function matching(sources: readonly string[], main: string): string[] {
  const glob = main.replace(/^\.\//, '');
  const compiled = glob.replace(/^(dist|build|out|lib)\//, '');
  const typed = compiled.replaceAll(/\.js(?=$|[,}])/g, '.ts');
  for (const pattern of compiled === glob ? [glob, typed] : [typed, compiled, `src/${typed}`, glob]) {
    const found = sources.filter((path) => matchesGlob(path, pattern));
    if (found.length > 0) return found;
  }
  return [];
}

async function readRegistrations(
  folder: ProjectFolder,
  files: readonly string[],
): Promise<[string, Registration][]> {
  if (files.length === 0) return [];
  const modules = await analyseModules(folder.absolute('.').replace(/\/$/, ''), files.slice(0, sourcesMax));
  return [...modules].flatMap(([file, { vendor }]) => {
    const own = vendor.dialects.includes('azure') ? vendor.registrations : [];
    return own.map((each): [string, Registration] => [file, each]);
  });
}

function addRegistered(file: string, registration: Registration, project: AzureProject): void {
  const { name: written } = registration;
  const { draft, settings, env } = project;
  const place: Place = { file, line: null, column: null };
  const name = draft.nameFor(written);
  const tell = ({ severity, ...note }: Note): void =>
    draft[severity]({ place, what: `function ${written}`, ...note, function: name });
  if (settings.only !== null && !settings.only.includes(written)) {
    tell({ severity: 'ignored', means: '"functions" of host.json does not name it, so it is left out' });
    return;
  }
  const { routes, triggers, notes } = read(registration, project);
  for (const note of notes) tell(note);
  if (routes.length === 0 && triggers.length === 0 && notes.some(({ severity }) => severity === 'later'))
    return;
  addVendorFunction(draft, {
    name,
    place,
    handler: `${file}#${written}`,
    runtime: DEFAULT_RUNTIME,
    dialect: 'azure',
    timeoutMs: settings.timeoutMs,
    include: project.include,
    env,
    routes,
    triggers,
  });
}

function read({ kind, name, options, members }: Registration, { settings }: AzureProject) {
  const notes: Note[] = ['extraInputs', 'extraOutputs', 'return']
    .filter((key) => members.includes(key))
    .map((key) => ({
      severity: 'later',
      means: `${key}: bindings to Azure's services are empty; they begin to work with services here`,
    }));
  const routes: RouteFile[] = [];
  if (kind === 'http' || Object.hasOwn(SHORT, kind)) {
    for (const key of ['route', 'methods', 'authLevel']) {
      if (members.includes(key) && options[key] === undefined) {
        notes.push({
          severity: 'blocks',
          means: `${key} is computed by the code, so it cannot be read`,
          suggestion: `write it as a literal`,
        });
      }
    }
    const methods = Array.isArray(options.methods)
      ? options.methods.map((each) => String(each).toUpperCase())
      : null;
    const http = httpRoutes(
      name,
      {
        route: typeof options.route === 'string' ? options.route : undefined,
        methods: SHORT[kind] === undefined ? (methods ?? ['GET', 'POST']) : [SHORT[kind]],
        authLevel: typeof options.authLevel === 'string' ? options.authLevel : 'anonymous',
      },
      settings,
    );
    return { routes: [...routes, ...http.routes], triggers: [], notes: [...notes, ...http.notes] };
  }
  const { triggers, note } = eventSource(kind, options);
  return { routes, triggers, notes: note === null ? notes : [...notes, note] };
}
