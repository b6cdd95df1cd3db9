/**
 * The life of an instance: one sandbox, from its start to its end.
 *
 * ```
 *   boot                 specialise                 first slot taken
 *    │                       │                     ┌──────────────┐
 *    ▼       guest loaded    ▼      handler loaded │              ▼
 * booting ──► prewarmed ──► specialising ──► ready ┤             busy
 *    │            │              │           │  ▲  │              │
 *    │            │              │    freeze │  │  └◄─────────────┘
 *    │            │              │           ▼  │   last slot freed
 *    │            │              │         frozen (thawed before it serves)
 *    │            │              │           │                    │
 *    └────────────┴──────────────┴───────────┴────────────────────┴──► draining ──► gone
 *     failed, evicted, reaped, replaced by a deploy, condemned            the process has exited
 * ```
 * A process may die in any state: every state leads to `gone`. An instance is specialised once and never goes back.
 */
export type InstanceState =
  | 'booting'
  | 'prewarmed'
  | 'specialising'
  | 'ready'
  | 'busy'
  | 'frozen'
  | 'draining'
  | 'gone';

const NEXT: Readonly<Record<InstanceState, readonly InstanceState[]>> = {
  booting: ['prewarmed', 'draining', 'gone'],
  prewarmed: ['specialising', 'draining', 'gone'],
  specialising: ['ready', 'draining', 'gone'],
  ready: ['busy', 'frozen', 'draining', 'gone'],
  busy: ['ready', 'draining', 'gone'],
  frozen: ['ready', 'draining', 'gone'],
  draining: ['gone'],
  gone: [],
};

export function canBecome(from: InstanceState, to: InstanceState): boolean {
  return NEXT[from].includes(to);
}

/** Moves an instance on. @throws Error when the machine above has no such arrow: a defect of the scheduler. */
export function become(instance: { readonly id: number; state: InstanceState }, to: InstanceState): void {
  if (!canBecome(instance.state, to)) {
    throw new Error(`Instance ${instance.id} cannot go from ${instance.state} to ${to}.`);
  }
  instance.state = to;
}
