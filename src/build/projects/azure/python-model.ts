import type { RouteFile } from '../../config-schema.ts';
import type { TriggerFile } from '../../trigger-schema.ts';
import { readDecorated } from '../python-decorators.ts';
import type { Note } from '../section.ts';
import { addVendorFunction } from '../vendor-function.ts';
import { eventSource } from './event-source.ts';
import type { AzureProject } from './host.ts';
import { httpRoutes } from './http-trigger.ts';

const FILE = 'function_app.py';

/** Python's second programming model: decorated functions in `function_app.py`, and in blueprints that it registers. */
export async function addPythonModel(project: AzureProject): Promise<void> {
  const { folder, draft } = project;
  const files = [
    FILE,
    ...(await folder.files()).filter(
      (path) => path.endsWith('.py') && path !== FILE && !/(^|\/)test/.test(path),
    ),
  ];
  let found = 0;
  for (const file of files) {
    const text = await folder.text(file);
    if (text === null || !/azure\.functions/.test(text)) continue;
    for (const decorated of readDecorated(text)) {
      if (addDecorated(file, decorated, project)) found += 1;
    }
  }
  if (found > 0) return;
  draft.blocks({
    place: { file: FILE, line: null, column: null },
    what: FILE,
    means: 'no function in it is decorated with a trigger',
  });
}

function addDecorated(
  file: string,
  { name: own, line, decorators }: ReturnType<typeof readDecorated>[number],
  { draft, settings, env, include }: AzureProject,
): boolean {
  const kindOf = (path: string): string => path.split('.').at(-1) ?? '';
  const trigger = decorators.find(({ path }) => kindOf(path) === 'route' || /_trigger$/.test(kindOf(path)));
  if (trigger === undefined) return false;
  const named = decorators.find(({ path }) => kindOf(path) === 'function_name')?.options;
  const written = String(named?.name ?? named?.['0'] ?? own);
  const name = draft.nameFor(written);
  const place = { file, line, column: 1 };
  const tell = ({ severity, ...note }: Note): void =>
    draft[severity]({ place, what: `function ${written}`, ...note, function: name });
  const routes: RouteFile[] = [];
  const triggers: TriggerFile[] = [];
  const { options } = trigger;
  if (kindOf(trigger.path) === 'route') {
    const methods = Array.isArray(options.methods)
      ? options.methods
      : options.methods === undefined
        ? []
        : [options.methods];
    const http = httpRoutes(
      written,
      {
        route: options.route === undefined ? undefined : String(options.route),
        methods: methods.map((each) => String(each).split('.').at(-1)?.toUpperCase() ?? ''),
        authLevel: /ANONYMOUS/i.test(String(options.auth_level ?? 'ANONYMOUS')) ? 'anonymous' : 'function',
      },
      settings,
    );
    routes.push(...http.routes);
    http.notes.forEach(tell);
  } else {
    const source = eventSource(camel(kindOf(trigger.path)), camelKeys(options));
    triggers.push(...source.triggers);
    if (source.note !== null) tell(source.note);
  }
  for (const { path } of decorators) {
    if (/_(input|output)$/.test(kindOf(path))) {
      tell({
        severity: 'later',
        means: `${kindOf(path)}: the binding is empty, and begins to work with a service of that kind here`,
      });
    }
  }
  addVendorFunction(draft, {
    name,
    place,
    handler: `${file}#${own}`,
    runtime: 'python3',
    dialect: 'azure',
    timeoutMs: settings.timeoutMs,
    include,
    env,
    routes,
    triggers,
  });
  return true;
}

/** `service_bus_queue_trigger` → `serviceBusQueue`, `cosmos_db_trigger` → `cosmosDB`. */
function camel(kind: string): string {
  const words = kind.replace(/_trigger(_v3)?$/, '').split('_');
  const name = words
    .map((word, index) => (index === 0 ? word : `${word[0]?.toUpperCase()}${word.slice(1)}`))
    .join('');
  return name.replace(/Db$/, 'DB').replace(/^schedule$/, 'timer');
}

/** `queue_name` → `queueName`. */
function camelKeys(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [
      key.replaceAll(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}
