import { encodeFrame, FrameType } from '../../src/contract/frames.ts';
import type { LogMessage } from '../../src/contract/guest-messages.ts';
import { LOG_BACKLOG_BYTES_MAX, LOG_BATCH_CHARS_MAX, LOG_LINE_CHARS_MAX } from './limits.ts';
import { mapStack } from './stack-mapping.ts';

const { slice } = globalThis.String.prototype;

/** What the collector needs of the channel. */
export interface LogChannel {
  readonly backlogBytes: number;
  schedule(): void;
}

/**
 * Gathers log lines into one frame a turn of the event loop. A flood is cut: what does not fit is counted, and
 * the next frame says how many lines are missing (its field `dropped`, which the platform adds up).
 */
export class LogCollector {
  readonly #channel: () => LogChannel;
  #batch = '';
  #dropped = 0;

  constructor(channel: () => LogChannel) {
    this.#channel = channel;
  }

  /** False: a further line would only be counted, so there is no need to format it. */
  get hasRoom(): boolean {
    return this.#batch.length < LOG_BATCH_CHARS_MAX;
  }

  /** Counts a line that was not even formatted. */
  drop(): void {
    this.#dropped += 1;
    this.#channel().schedule();
  }

  /** `fieldsJson`: the fields as JSON text, or null. */
  add(
    level: LogMessage['level'],
    requestId: string | null,
    message: string,
    fieldsJson: string | null,
  ): void {
    if (!this.hasRoom || this.#channel().backlogBytes > LOG_BACKLOG_BYTES_MAX) {
      this.drop();
      return;
    }
    const line = toJson(level, requestId, cutLine(mapStack(message)), fieldsJson);
    // One line alone always fits into a frame; several together only below the limit.
    if (this.#batch !== '' && this.#batch.length + line.length > LOG_BATCH_CHARS_MAX) {
      this.drop();
      return;
    }
    this.#batch = this.#batch === '' ? line : `${this.#batch},${line}`;
    this.#channel().schedule();
  }

  /** The frame with what was gathered, or null. */
  take(): Buffer | null {
    if (this.#batch === '' && this.#dropped === 0) return null;
    if (this.#dropped > 0) {
      const message = `${this.#dropped} log lines dropped: too many at once.`;
      const notice = toJson('warn', null, message, `{"dropped":${this.#dropped}}`);
      this.#batch = this.#batch === '' ? notice : `${this.#batch},${notice}`;
      this.#dropped = 0;
    }
    const payload = Buffer.from(`[${this.#batch}]`);
    this.#batch = '';
    return encodeFrame(FrameType.LOG, 0, 0, payload);
  }
}

function toJson(level: string, requestId: string | null, message: string, fieldsJson: string | null): string {
  const fields = fieldsJson === null ? '' : `,"fields":${fieldsJson}`;
  const request = requestId === null ? 'null' : JSON.stringify(requestId);
  return `{"time":${Date.now()},"level":"${level}","requestId":${request},"message":${JSON.stringify(message)}${fields}}`;
}

function cutLine(message: string): string {
  if (message.length <= LOG_LINE_CHARS_MAX) return message;
  const cutOff = message.length - LOG_LINE_CHARS_MAX;
  return `${Reflect.apply(slice, message, [0, LOG_LINE_CHARS_MAX])} … ${cutOff} characters cut`;
}
