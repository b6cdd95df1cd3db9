import type { Section } from '../section.ts';

/** The settings of the Worker in the environment that was chosen. */
export interface WorkerSettings {
  /** The environment's section if it says this key, else the top: for keys that environments inherit. */
  owner(key: string): Section;
  /** The only section whose bindings and variables count: environments do not inherit those. */
  readonly own: Section;
  /** The top, and the environment's section when one was chosen. */
  readonly all: readonly Section[];
}

/** @param wanted null or undefined: the top level, which is an environment of its own */
export function chooseEnvironment(top: Section, wanted: string | undefined): WorkerSettings {
  const environments = top.section('env');
  const chosen = wanted === undefined || wanted === '' ? undefined : environments?.section(wanted);
  for (const name of environments?.keys ?? []) {
    if (name === wanted) continue;
    const means = 'another environment; the one that is deployed is chosen with --stage';
    environments?.leave('ignored', { [name]: means });
  }
  if (wanted !== undefined && wanted !== '' && chosen === undefined) {
    top.tellAt(['env'], { severity: 'blocks', means: `there is no environment "${wanted}"` });
  }
  if (chosen === undefined) return { owner: () => top, own: top, all: [top] };
  chosen.pass('name');
  return { owner: (key) => (chosen.has(key) ? chosen : top), own: chosen, all: [top, chosen] };
}

/** Keys that environments do not inherit: at the top they mean nothing when an environment was chosen. */
export const NOT_INHERITED: readonly string[] = [
  'vars',
  'define',
  'durable_objects',
  'kv_namespaces',
  'r2_buckets',
  'd1_databases',
  'queues',
  'services',
];
