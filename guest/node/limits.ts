/** Bounds of what the guest holds or sends, so that no author's code can make it grow without end. */

/** Longest log line, in characters of its message; the rest is cut. */
export const LOG_LINE_CHARS_MAX = 64 * 1024;
/** Log text collected in one turn of the event loop, in characters of JSON; further lines are counted only. */
export const LOG_BATCH_CHARS_MAX = 256 * 1024;
/** Unsent bytes on the protocol socket above which log lines are dropped. */
export const LOG_BACKLOG_BYTES_MAX = 1024 * 1024;
/** Longest error message and stack that are reported, in characters. */
export const FAILURE_MESSAGE_CHARS_MAX = 8 * 1024;
export const FAILURE_STACK_CHARS_MAX = 32 * 1024;
/** Longest time that an ending process tries to hand over its last frames, ms. */
export const LAST_WORDS_MS_MAX = 200;
/** Source maps larger than this are not read: mapping one would take longer than it is worth. */
export const SOURCE_MAP_BYTES_MAX = 64 * 1024 * 1024;
/** Longest time that listeners for SIGTERM get in a drained process, ms. */
export const SHUTDOWN_MS_MAX = 500;
