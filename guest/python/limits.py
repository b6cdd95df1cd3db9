"""Bounds of what the guest holds or sends, so that no author's code can make it grow without end."""

# Longest log line, in characters of its message; the rest is cut.
LOG_LINE_CHARS_MAX = 64 * 1024
# Log text that waits to be sent, in characters of JSON; further lines are counted only.
LOG_BATCH_CHARS_MAX = 256 * 1024
# How long a line waits for others, or for the call's answer, before it is sent by itself, ms.
LOG_FLUSH_INTERVAL_MS = 10
# Longest error message and stack that are reported, in characters.
FAILURE_NAME_CHARS_MAX = 256
FAILURE_MESSAGE_CHARS_MAX = 8 * 1024
FAILURE_STACK_CHARS_MAX = 32 * 1024
# Longest time that an ending process tries to hand over its last frames, ms.
LAST_WORDS_MS_MAX = 200
# Longest time that exit handlers get in a drained process, ms.
SHUTDOWN_MS_MAX = 500
# Most bytes taken from the socket at once.
READ_BYTES_MAX = 256 * 1024
# Idle threads that are kept for calls that come while others run.
IDLE_WORKERS_MAX = 32
# Bytecode that is sent to be kept, as src/contract/compile-cache.ts bounds it.
BYTECODE_BYTES_MAX = 16 * 1024 * 1024
BYTECODE_FILES_MAX = 1_000
