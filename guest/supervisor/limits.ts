/** Bounds of what the supervisor holds and waits for. */

/** Longest line taken from the program's output; a longer one is cut there, bytes. */
export const LINE_BYTES_MAX = 64 * 1024;
/** Last lines of the program that an error about its end quotes. */
export const LAST_LINES_MAX = 5;
/** Characters of each. */
export const LAST_LINE_CHARS_MAX = 500;
/** How long the output of a program that has ended may still come, ms: something that it started may hold it open for ever. */
export const OUTPUT_END_MS_MAX = 100;
/** How long after a broken connection the end of the server may be noticed, ms. */
export const END_NOTICE_MS_MAX = 200;
/** Payload of a buffered response, bytes: AWS's 6 MB and 100 bytes. `MAYFLY_LAMBDA_RESPONSE_BYTES_MAX` changes it. */
export const RESPONSE_BYTES_MAX = 6 * 1024 * 1024 + 100;
/** An error report of the program's, bytes. */
export const ERROR_BYTES_MAX = 256 * 1024;
/** The JSON before the eight zero bytes of an HTTP response, bytes. */
export const PRELUDE_BYTES_MAX = 256 * 1024;
/** A registration of an extension, a subscription, bytes. */
export const REQUEST_BYTES_MAX = 64 * 1024;
/** What a drained instance may take for its farewell, ms: the platform ends it after two seconds. */
export const FAREWELL_MS_MAX = 1_800;
/** Of these, what a runtime with extensions gets after SIGTERM, ms, as AWS gives it. */
export const RUNTIME_FAREWELL_MS = 300;
/** Extensions in an instance, as AWS allows. */
export const EXTENSIONS_MAX = 10;
/** Telemetry events that wait while their subscriber is slow; further ones are counted and dropped. */
export const TELEMETRY_BACKLOG_MAX = 10_000;
/** A batch must be taken within this, ms. */
export const TELEMETRY_POST_MS_MAX = 2_000;
/** Between two looks whether a server listens, ms: at first, and at most. */
export const LISTEN_LOOK_MS_MIN = 1;
export const LISTEN_LOOK_MS_MAX = 20;
/** Ports that servers get where the sandbox shares the machine's network: below those that outgoing connections take. */
export const PORTS = { first: 20_000, last: 32_000 } as const;
/** Ports tried before giving up. */
export const PORT_ATTEMPTS_MAX = 20;
