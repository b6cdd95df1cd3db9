import type { FunctionFile, RouteFile } from '../config-schema.ts';
import type { Place } from '../problem.ts';
import type { TriggerFile } from '../trigger-schema.ts';
import type { AppDraft } from './app-draft.ts';

/** A function as another tool describes it, in Mayfly's units but not yet within Mayfly's limits. */
export interface VendorFunction {
  /** `nameFor` of the draft. */
  readonly name: string;
  readonly place: Place;
  readonly handler?: string | undefined;
  /** What starts a program, in place of a handler. */
  readonly command?: readonly string[] | undefined;
  /** The folder that is its own; the handler is relative to it. */
  readonly root?: string | undefined;
  readonly runtime?: string | undefined;
  readonly dialect?: string | undefined;
  readonly memoryMb?: number | undefined;
  /** Thousandths of a vCPU. */
  readonly cpuMillis?: number | undefined;
  /** Of a container: its archive, layout or Dockerfile. */
  readonly image?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly initTimeoutMs?: number | undefined;
  readonly keepAliveMs?: number | undefined;
  readonly concurrency?: FunctionFile['concurrency'] | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly include?: readonly string[];
  readonly routes?: readonly RouteFile[];
  readonly triggers?: readonly TriggerFile[];
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,255}$/;

/** Puts a function into the draft. A number out of range is taken as the nearest one in it, and told. */
export function addVendorFunction(draft: AppDraft, given: VendorFunction): void {
  const { name, place } = given;
  const base = ['functions', name];
  const bound = (what: string, value: number | undefined, least: number, most: number) => {
    if (value === undefined) return undefined;
    const near = Math.round(Math.min(most, Math.max(least, value)));
    if (value < least || value > most) {
      draft.ignored({
        place,
        what: `${what} ${value}`,
        means: `it is out of range; ${near} is taken`,
        function: name,
      });
    }
    return near;
  };
  draft.addFunction(name, place);
  for (const key of ['handler', 'command', 'image', 'runtime', 'dialect'] as const)
    draft.set([...base, key], given[key], place);
  if (given.root !== '.') draft.set([...base, 'root'], given.root, place);
  draft.set([...base, 'memory'], bound('memory in MB:', given.memoryMb, 64, 10_240), place);
  draft.set([...base, 'cpu'], bound('thousandths of a vCPU:', given.cpuMillis, 10, 64_000), place);
  draft.set([...base, 'timeout'], bound('time limit in ms:', given.timeoutMs, 1, 86_400_000), place);
  draft.set(
    [...base, 'initTimeout'],
    bound('time limit of loading in ms:', given.initTimeoutMs, 1, 900_000),
    place,
  );
  draft.set([...base, 'keepAlive'], bound('idle time in ms:', given.keepAliveMs, 0, 86_400_000), place);
  setConcurrency(draft, given, bound);
  for (const [key, value] of Object.entries(given.env ?? {})) {
    if (VARIABLE.test(key)) draft.env(name, key, value, place);
    else {
      const means = 'it is left out: names have letters, digits and "_"';
      draft.ignored({ place, what: `variable "${key}"`, means, function: name });
    }
  }
  for (const glob of given.include ?? []) draft.add([...base, 'include'], glob, place);
  for (const route of given.routes ?? []) draft.add([...base, 'routes'], route, place);
  for (const trigger of given.triggers ?? []) draft.add([...base, 'triggers'], trigger, place);
}

function setConcurrency(
  draft: AppDraft,
  { name, place, concurrency = {} }: VendorFunction,
  bound: (what: string, value: number | undefined, least: number, most: number) => number | undefined,
): void {
  const max = bound('most instances:', concurrency.max, 1, 10_000);
  const perInstance = bound('calls of one instance:', concurrency.perInstance, 1, 1_000);
  const provisioned = bound('instances kept:', concurrency.provisioned, 0, Math.min(1_000, max ?? 100));
  const given = Object.entries({ max, perInstance, provisioned }).filter(([, value]) => value !== undefined);
  if (given.length > 0) draft.set(['functions', name, 'concurrency'], Object.fromEntries(given), place);
}
