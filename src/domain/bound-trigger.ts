/** An event source bound to a function of a release; what is in `config` its service knows. */
export interface BoundTrigger {
  readonly function: string;
  /** `schedule`, `queue`, … */
  readonly kind: string;
  readonly enabled: boolean;
  readonly config: Readonly<Record<string, unknown>>;
  /** Whether this node has no service for the kind yet: it is declared, and begins to work when the service arrives. */
  readonly waiting: boolean;
}
