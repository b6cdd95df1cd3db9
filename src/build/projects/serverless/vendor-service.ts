import type { RouteFile } from '../../config-schema.ts';
import type { KeyPath } from '../../schema-mismatch.ts';
import type { TriggerFile } from '../../trigger-schema.ts';
import { type KnownKeys, tellKeys } from '../known-keys.ts';
import { ProjectFolder } from '../project-folder.ts';
import { chooseRuntime } from '../runtime-choice.ts';
import { isMapping, type Note } from '../section.ts';
import { addVendorFunction } from '../vendor-function.ts';
import { PACKAGE_KEYS } from './event-keys.ts';
import { includesOf } from './packaging.ts';
import { mappingAt, placeIn, type Service, type ServiceFunction, textAt } from './service.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** What the events of a function come to. */
export interface VendorEvents {
  readonly routes: RouteFile[];
  readonly triggers: TriggerFile[];
  readonly env: Record<string, string>;
}

/** What an event is read into: told notes stand at the event. */
export interface VendorEvent {
  readonly own: ServiceFunction;
  readonly kind: string;
  readonly value: unknown;
  /** The whole entry: some vendors write settings beside the kind. */
  readonly entry: Mapping;
  readonly into: VendorEvents;
  tell(note: Note): void;
}

/** How Serverless Framework describes the functions of a vendor other than AWS. */
export interface VendorProvider {
  readonly dialect: string;
  readonly memoryMb: number;
  readonly timeoutS: number;
  readonly runtime: string;
  readonly providerKeys: KnownKeys;
  readonly functionKeys: KnownKeys;
  /** Keys of an event's settings. */
  readonly eventKeys: KnownKeys;
  /** Whether settings stand beside the kind of an event, too; otherwise each key is an event. */
  readonly flatEvents?: boolean;
  /** The handler as Mayfly writes it; null: it names nothing that is there. */
  handler(
    written: string,
    folder: ProjectFolder,
    language: 'javascript' | 'python' | null,
  ): Promise<string | null>;
  event(event: VendorEvent): void;
  /** Environment variables that a function needs besides its own. */
  env?(own: ServiceFunction): Record<string, string>;
}

const PROVIDER_KEYS: KnownKeys = {
  name: 'read',
  runtime: 'read',
  stage: 'read',
  region: 'read',
  environment: 'read',
  memorySize: 'read',
  memory: 'read',
  timeout: 'read',
};
const FUNCTION_KEYS: KnownKeys = {
  handler: 'read',
  runtime: 'read',
  environment: 'read',
  memorySize: 'read',
  memory: 'read',
  timeout: 'read',
  events: 'read',
  package: 'read',
  name: 'idle',
  description: 'idle',
  labels: 'idle',
  tags: 'idle',
};

/** The functions of a service of this vendor. */
export async function addVendorService(service: Service, vendor: VendorProvider): Promise<void> {
  const { draft, provider } = service;
  const place = (path: KeyPath) => placeIn(service, path);
  tellKeys(draft, provider, ['provider'], { ...PROVIDER_KEYS, ...vendor.providerKeys }, place);
  tellKeys(draft, service.package, ['package'], PACKAGE_KEYS, place);
  const folder = new ProjectFolder(service.dir, draft);
  for (const own of service.functions) await addFunction(service, own, vendor, folder);
}

async function addFunction(
  service: Service,
  own: ServiceFunction,
  vendor: VendorProvider,
  folder: ProjectFolder,
): Promise<void> {
  const { draft, provider } = service;
  const { name, value, path } = own;
  const said = { place: placeIn(service, path), function: name };
  tellKeys(
    draft,
    value,
    path,
    { ...FUNCTION_KEYS, ...vendor.functionKeys },
    (at) => placeIn(service, at),
    name,
  );
  if (value.sequence !== undefined) {
    draft.later({ ...said, what: `sequence ${own.written}`, means: 'it is made when there are workflows' });
    return;
  }
  const written = textAt(value, 'runtime') ?? textAt(provider, 'runtime') ?? vendor.runtime;
  const { runtime, language, note } = chooseRuntime(written);
  if (note !== null) {
    const { severity, ...rest } = note;
    draft[severity]({ ...said, what: `runtime ${written}`, ...rest });
  }
  if (runtime === null) return;
  const text = textAt(value, 'handler');
  const handler = text === undefined ? null : await vendor.handler(text, folder, language);
  if (handler === null) {
    const means = text === undefined ? 'it has no handler' : 'there is no such code';
    draft.blocks({ ...said, what: `handler ${text ?? ''} of ${own.written}`, means });
    return;
  }
  const found = (key: string): Mapping => (value[key] === undefined ? provider : value);
  const memory = found('memorySize').memorySize ?? found('memory').memory;
  const { routes, triggers, env } = readEvents(service, own, vendor);
  addVendorFunction(draft, {
    ...said,
    name,
    handler,
    runtime,
    dialect: vendor.dialect,
    memoryMb: megabytes(memory) ?? vendor.memoryMb,
    timeoutMs: (seconds(found('timeout').timeout) ?? vendor.timeoutS) * 1_000,
    env: { ...textsOf(provider.environment), ...textsOf(value.environment), ...vendor.env?.(own), ...env },
    include: await includesOf(service, own),
    routes,
    triggers,
  });
}

function readEvents(service: Service, own: ServiceFunction, vendor: VendorProvider): VendorEvents {
  const into: VendorEvents = { routes: [], triggers: [], env: {} };
  const events: unknown = own.value.events ?? [];
  for (const [index, entry] of (Array.isArray(events) ? events : []).entries()) {
    if (!isMapping(entry)) continue;
    const kinds = Object.keys(entry);
    for (const kind of vendor.flatEvents === true ? kinds.slice(0, 1) : kinds) {
      readEvent(service, vendor, { own, kind, entry, into, path: [...own.path, 'events', index] });
    }
  }
  return into;
}

function readEvent(
  service: Service,
  vendor: VendorProvider,
  {
    own,
    kind,
    entry,
    into,
    path: at,
  }: Pick<VendorEvent, 'own' | 'kind' | 'entry' | 'into'> & { readonly path: KeyPath },
): void {
  const path = [...at, kind];
  const place = (of: KeyPath) => placeIn(service, of);
  const settings = entry['x-azure-settings'];
  tellKeys(service.draft, entry[kind], path, vendor.eventKeys, place, own.name);
  if (vendor.flatEvents === true) {
    tellKeys(service.draft, entry, at, { ...vendor.eventKeys, [kind]: 'read' }, place, own.name);
    tellKeys(service.draft, settings, [...at, 'x-azure-settings'], vendor.eventKeys, place, own.name);
  }
  const tell = ({ severity, ...note }: Note): void =>
    service.draft[severity]({
      place: placeIn(service, path),
      what: `${kind} of ${own.written}`,
      ...note,
      function: own.name,
    });
  vendor.event({ own, kind, value: entry[kind], entry, into, tell });
}

/** `src/users.create` → `src/users.js#create`, if that file is there. */
export async function fileAndExport(
  written: string,
  folder: ProjectFolder,
  language: 'javascript' | 'python' | null,
): Promise<string | null> {
  const dot = written.lastIndexOf('.');
  const [path, name] = dot <= 0 ? [written, null] : [written.slice(0, dot), written.slice(dot + 1)];
  const file = language === 'python' ? await folder.firstFile([`${path}.py`]) : await folder.source(path);
  if (file === null) return null;
  return name === null ? file : `${file}#${name}`;
}

/** An event that is not known, or for which nothing here stands. */
export const UNKNOWN: Note = { severity: 'ignored', means: 'Mayfly has no such event source' };

export function settingsOf(value: unknown): Mapping {
  return isMapping(value) ? value : {};
}

/** `schedule: cron(* * * * *)`, `schedule: { rate: … }`; five fields, or six with seconds in front. */
export function scheduleOf(value: unknown): TriggerFile | null {
  const text = isMapping(value) ? (textAt(value, 'rate') ?? textAt(value, 'cron')) : String(value ?? '');
  const cron = text?.replace(/^cron\((.*)\)$/, '$1').trim() ?? '';
  return [5, 6].includes(cron.split(/\s+/).length) ? { schedule: { cron } } : null;
}

/** Megabytes: `256`, `128M`, `1Gi`. */
function megabytes(value: unknown): number | undefined {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)\s*([MG])?i?B?$/i.exec(String(value ?? '')) ?? [];
  return count === undefined ? undefined : Number(count) * (unit.toUpperCase() === 'G' ? 1_024 : 1);
}

/** Seconds: `60`, `60s`, `2m`. */
function seconds(value: unknown): number | undefined {
  const [, count, unit] = /^(\d+)\s*([sm])?$/.exec(String(value ?? '')) ?? [];
  return count === undefined ? undefined : Number(count) * (unit === 'm' ? 60 : 1);
}

function textsOf(value: unknown): Record<string, string> {
  const entries = Object.entries(mappingAt({ value }, 'value')).filter(
    ([, inner]) => inner !== null && inner !== undefined,
  );
  return Object.fromEntries(
    entries.map(([key, inner]) => [key, typeof inner === 'object' ? JSON.stringify(inner) : String(inner)]),
  );
}
