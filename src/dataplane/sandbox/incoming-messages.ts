import type {
  BootedMessage,
  FailureMessage,
  HeadMessage,
  LogMessage,
  SpecialisedMessage,
} from '../../contract/guest-messages.ts';

/**
 * Reads the JSON messages that a guest sends. What has not the shape of the contract is thrown: RangeError, SyntaxError
 * (no JSON), TypeError (a value that is no text). The rest of the platform relies on the types from here on.
 */

/** Request ids are the platform's own and short. */
const REQUEST_ID_CHARS_MAX = 256;
const CPU_US_MAX = 0xffffffff;

const FAILURE_CODES: ReadonlySet<unknown> = new Set([
  'FUNCTION_THREW',
  'FUNCTION_INIT_FAILED',
  'FUNCTION_EXITED',
  'RESPONSE_INVALID',
]);
const LOG_LEVELS: ReadonlySet<unknown> = new Set(['debug', 'info', 'warn', 'error']);

export function readBooted(payload: Buffer): BootedMessage {
  const message = parse(payload);
  if (!isObject(message) || message.protocol !== 1) throw new RangeError('a guest of another protocol');
  return message as unknown as BootedMessage;
}

export function readSpecialised(payload: Buffer): SpecialisedMessage {
  const message = parse(payload);
  const initMs = isObject(message) ? message.initMs : undefined;
  if (typeof initMs !== 'number' || !(initMs >= 0)) throw new RangeError('no time that loading took');
  return { initMs };
}

/** The names and values of the headers are for whoever passes them on to check: they are the author's. */
export function isHead(meta: unknown): meta is HeadMessage {
  if (!isObject(meta)) return false;
  const { status, headers } = meta;
  return isWhole(status) && status >= 200 && status <= 599 && Array.isArray(headers);
}

export function readFailure(payload: Buffer): FailureMessage {
  const failure = parse(payload);
  if (!isObject(failure) || !FAILURE_CODES.has(failure.code))
    throw new RangeError('a failure without a code');
  const cpuUs = Number(failure.cpuUs ?? 0);
  return {
    code: failure.code as FailureMessage['code'],
    name: String(failure.name ?? 'Error'),
    message: String(failure.message ?? ''),
    stack: String(failure.stack ?? ''),
    cpuUs: cpuUs > 0 ? Math.min(Math.round(cpuUs), CPU_US_MAX) : 0,
    fatal: failure.fatal === true,
  };
}

export function readLog(payload: Buffer): LogMessage[] {
  const messages = parse(payload);
  if (!Array.isArray(messages)) throw new RangeError('a log frame that is no list');
  for (const message of messages) {
    if (!isLogMessage(message)) throw new RangeError('a log line of a wrong shape');
  }
  return messages;
}

function isLogMessage(line: unknown): line is LogMessage {
  if (!isObject(line)) return false;
  const { time, level, requestId, message, fields } = line;
  return (
    isWhole(time) &&
    time >= 0 &&
    LOG_LEVELS.has(level) &&
    (requestId === null || (typeof requestId === 'string' && requestId.length <= REQUEST_ID_CHARS_MAX)) &&
    typeof message === 'string' &&
    (fields === undefined || isObject(fields))
  );
}

function parse(payload: Buffer): unknown {
  return JSON.parse(payload.toString('utf8'));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
