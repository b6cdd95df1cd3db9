/**
 * The one error table: every failure that Mayfly reports has a row here.
 *
 * `blame` says whose fault it is, so that a caller, an author and an operator each know whether to act:
 * - `caller`: the request was wrong; sending it again unchanged will fail again unless `retryable`.
 * - `function`: the deployed code (or its configuration) is wrong; its author must act.
 * - `platform`: Mayfly or the machine is at fault; its operator must act.
 */
export type Blame = 'caller' | 'function' | 'platform';

interface ErrorRow {
  readonly blame: Blame;
  /** HTTP status a client sees when this error ends its request. */
  readonly status: number;
  /** Whether the same request may succeed later without any change. */
  readonly retryable: boolean;
  /** What to do next, one sentence. */
  readonly hint: string;
}

const row = (blame: Blame, status: number, retryable: boolean, hint: string): ErrorRow => ({
  blame,
  status,
  retryable,
  hint,
});

export const ERROR_TABLE = {
  // The request that reached the gateway or the control API.
  BAD_REQUEST: row('caller', 400, false, 'Correct the request as the message says.'),
  VALIDATION_FAILED: row('caller', 400, false, 'Correct the fields that the message names.'),
  TOKEN_MISSING: row(
    'caller',
    401,
    false,
    'Send "Authorization: Bearer TOKEN"; "mayfly token create" makes one.',
  ),
  TOKEN_INVALID: row('caller', 401, false, 'Use a token that exists, has not expired and was not revoked.'),
  FORBIDDEN: row('caller', 403, false, 'Ask the operator for a token whose role allows this.'),
  ORIGIN_REFUSED: row(
    'caller',
    403,
    false,
    'Call the control API by its own address, not from another site.',
  ),
  NOT_FOUND: row('caller', 404, false, 'Check the name; "mayfly list" shows what exists.'),
  APP_NOT_FOUND: row(
    'caller',
    404,
    false,
    'Check the host or the /@APP/ path; "mayfly list" shows the apps.',
  ),
  RELEASE_NOT_FOUND: row(
    'caller',
    404,
    false,
    'Check the id; old releases are removed in time, and "mayfly releases list" shows what is kept.',
  ),
  ROUTE_NOT_FOUND: row('caller', 404, false, 'Check the path; "mayfly describe APP" shows the routes.'),
  METHOD_NOT_ALLOWED: row('caller', 405, false, 'Use one of the methods in the Allow header.'),
  REQUEST_TIMEOUT: row('caller', 408, true, 'Send the whole request within the time limit.'),
  CONFLICT: row('caller', 409, true, 'Look at the current state and try again.'),
  ALREADY_LIVE: row('caller', 409, false, 'Nothing to do: this very release serves the environment.'),
  CANARY_ACTIVE: row(
    'caller',
    409,
    true,
    'Finish or abort the canary first: "mayfly canary finish", "mayfly canary abort".',
  ),
  NO_CANARY: row('caller', 409, false, 'Start one: "mayfly deploy --canary 10%".'),
  NO_EARLIER_RELEASE: row(
    'caller',
    409,
    false,
    'There is nothing to go back to; "mayfly releases list" shows what exists.',
  ),
  RESOURCES_LOST: row(
    'caller',
    409,
    false,
    'Keep what the message names, or deploy with --allow-destroy to lose it.',
  ),
  BODY_TOO_LARGE: row(
    'caller',
    413,
    false,
    'Send a smaller body, or raise the limit in the node configuration.',
  ),
  HOST_REFUSED: row('caller', 421, false, 'Use a host name that this listener serves.'),
  HEADERS_TOO_LARGE: row('caller', 431, false, 'Send fewer or shorter header fields.'),
  CLIENT_CLOSED: row('caller', 499, true, 'The client went away before the answer was complete.'),

  // Limits.
  QUEUE_FULL: row(
    'caller',
    429,
    true,
    'Retry after the time in Retry-After, or raise concurrency.max or queue.',
  ),
  QUEUE_TIMEOUT: row('caller', 429, true, 'Retry after the time in Retry-After, or raise concurrency.max.'),

  // The deployed code.
  FUNCTION_THREW: row('function', 500, false, 'Read the stack: "mayfly logs --request ID".'),
  FUNCTION_INIT_FAILED: row('function', 500, false, 'The code failed while loading: "mayfly logs FUNCTION".'),
  FUNCTION_EXITED: row('function', 502, false, 'The code ended its process; return instead of calling exit.'),
  FUNCTION_OUT_OF_MEMORY: row('function', 502, false, 'Use less memory or raise "memory" in mayfly.yaml.'),
  FUNCTION_PROTOCOL: row('function', 502, false, 'The code wrote to a descriptor that is not its own.'),
  RESPONSE_INVALID: row('function', 502, false, 'Return a Response or a value that JSON can express.'),
  RESPONSE_TOO_LARGE: row('function', 502, false, 'Return less, or stream it in parts.'),
  FUNCTION_TIMEOUT: row('function', 504, false, 'Do less, or raise "timeout" in mayfly.yaml.'),
  FUNCTION_INIT_TIMEOUT: row(
    'function',
    504,
    false,
    'Do less while loading, or raise "timeout" in mayfly.yaml.',
  ),

  SMOKE_FAILED: row('function', 422, false, 'Correct the code or the smoke test; what was live still is.'),

  // Author-side tooling: configuration and builds.
  CONFIG_INVALID: row('caller', 400, false, 'Correct the configuration at the place named.'),
  BUILD_FAILED: row('caller', 400, false, 'Correct the source at the place named; nothing was deployed.'),
  USAGE: row('caller', 400, false, 'See "mayfly help".'),
  PUSH_REFUSED: row('caller', 409, false, 'Do what the message says and push again; nothing was changed.'),

  // The node and its machine.
  NODE_UNREACHABLE: row('platform', 503, true, 'Start a node ("mayfly up") or set MAYFLY_URL.'),
  SHUTTING_DOWN: row('platform', 503, true, 'The node is draining; retry shortly.'),
  SANDBOX_FAILED: row('platform', 503, true, 'Run "mayfly doctor" on the node.'),
  RUNTIME_UNAVAILABLE: row(
    'platform',
    503,
    true,
    'Give the node what the message names; a package can be brought: "mayfly runtime add NAME --from FILE.tgz".',
  ),
  GIT_MISSING: row('platform', 503, false, 'Install Git on the node; "mayfly doctor" shows how.'),
  DATA_LOCKED: row(
    'platform',
    503,
    false,
    'Another node runs on this data folder; stop it or choose another --data.',
  ),
  DATA_NEWER: row(
    'platform',
    503,
    false,
    'This data folder was written by a newer Mayfly; upgrade this one.',
  ),
  PORT_TAKEN: row('platform', 503, false, 'Stop what listens there, or choose another port.'),
  STORAGE_FULL: row('platform', 507, true, 'Free disk space on the node.'),
  INTERNAL: row('platform', 500, true, 'This is a defect of Mayfly; report it with the request id.'),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERROR_TABLE;

/** An error that carries a code of the table. Everything that crosses a port or a wire is one of these. */
export class MayflyError extends Error {
  readonly code: ErrorCode;
  /** Machine-readable extras that are safe to show the caller, for example `{ allow: 'GET, POST' }`. */
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options?: { cause?: unknown; details?: Readonly<Record<string, unknown>> },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MayflyError';
    this.code = code;
    this.details = options?.details;
  }

  get blame(): Blame {
    return ERROR_TABLE[this.code].blame;
  }

  get status(): number {
    return ERROR_TABLE[this.code].status;
  }

  get retryable(): boolean {
    return ERROR_TABLE[this.code].retryable;
  }

  get hint(): string {
    return ERROR_TABLE[this.code].hint;
  }
}

/** Anything thrown → a MayflyError; what is not one already is a defect of the platform (`INTERNAL`). */
export function toMayflyError(thrown: unknown): MayflyError {
  if (thrown instanceof MayflyError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC') {
    return new MayflyError('STORAGE_FULL', `No space left on the node's disk: ${message}`, { cause: thrown });
  }
  return new MayflyError('INTERNAL', message, { cause: thrown });
}
