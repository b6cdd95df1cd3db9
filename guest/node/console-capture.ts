import { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { format } from 'node:util';
import type { LogMessage } from '../../src/contract/guest-messages.ts';
import { LOG_LINE_CHARS_MAX } from './limits.ts';
import type { LogCollector } from './log-collector.ts';

type Level = LogMessage['level'];

const { getPrototypeOf } = Object;
const { repeat } = globalThis.String.prototype;

/** Turns everything that code prints into log lines of the call that printed it. */
export class ConsoleCapture {
  readonly #logs: LogCollector;
  readonly #requestId: () => string | null;
  #groups = 0;

  constructor(logs: LogCollector, requestId: () => string | null) {
    this.#logs = logs;
    this.#requestId = requestId;
  }

  /** Replaces the console's printing methods and the standard streams. Everything else of the console prints through them. */
  install(): void {
    const print =
      (level: Level) =>
      (...parts: unknown[]) =>
        this.print(level, parts);
    const console = globalThis.console;
    console.debug = print('debug');
    console.log = print('info');
    console.info = print('info');
    console.warn = print('warn');
    console.error = print('error');
    console.trace = (...parts: unknown[]) => {
      const holder = { stack: '' };
      globalThis.Error.captureStackTrace(holder, console.trace);
      const at = holder.stack.indexOf('\n');
      this.print('error', [`Trace: ${format(...parts)}${at < 0 ? '' : holder.stack.slice(at)}`]);
    };
    console.group = (...parts: unknown[]) => {
      if (parts.length > 0) this.print('info', parts);
      this.#groups += 1;
    };
    console.groupCollapsed = console.group;
    console.groupEnd = () => {
      this.#groups = Math.max(0, this.#groups - 1);
    };
    this.#replaceStream('stdout', 'info', 1);
    this.#replaceStream('stderr', 'error', 2);
  }

  /** One plain object becomes a structured line; anything else is formatted as the console does. */
  print(level: Level, parts: readonly unknown[]): void {
    if (!this.#logs.hasRoom) {
      this.#logs.drop();
      return;
    }
    const only = parts.length === 1 ? parts[0] : undefined;
    if (typeof only === 'string') {
      this.#line(level, only, null);
    } else if (isPlainObject(only)) {
      this.#structured(level, only);
    } else {
      this.#line(level, format(...parts), null);
    }
  }

  /** A line with fields, as `context.log` writes it. */
  write(level: Level, message: unknown, fields: unknown): void {
    if (fields === undefined) this.print(level, [message]);
    else this.#line(level, typeof message === 'string' ? message : format(message), toFields(fields));
  }

  #structured(level: Level, value: Record<string, unknown>): void {
    const fields = toFields(value);
    const message = fields === null ? undefined : (value.message ?? value.msg);
    this.#line(level, typeof message === 'string' ? message : format(value), fields);
  }

  #line(level: Level, message: string, fieldsJson: string | null): void {
    const text = this.#groups === 0 ? message : Reflect.apply(repeat, '  ', [this.#groups]) + message;
    this.#logs.add(level, this.#requestId(), text, fieldsJson);
  }

  #replaceStream(name: 'stdout' | 'stderr', level: Level, fd: number): void {
    let stream: Writable | null = null;
    Object.defineProperty(process, name, {
      configurable: true,
      enumerable: true,
      // Made when first touched: most functions only use the console.
      get: () => {
        stream ??= this.#lineStream(level, fd);
        return stream;
      },
    });
  }

  /** A stream whose lines become log lines. A line belongs to the call that wrote its end. */
  #lineStream(level: Level, fd: number): Writable {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    const writeText = (text: string): void => {
      let from = 0;
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
        this.#logs.add(level, this.#requestId(), rest + text.slice(from, at), null);
        rest = '';
        from = at + 1;
      }
      rest += text.slice(from);
      if (rest.length > LOG_LINE_CHARS_MAX) {
        this.#logs.add(level, this.#requestId(), rest, null);
        rest = '';
      }
    };
    const stream = new Writable({
      decodeStrings: false,
      write: (chunk: Buffer | string, _encoding, done) => {
        writeText(typeof chunk === 'string' ? chunk : decoder.write(chunk));
        done();
      },
    });
    // The real ones can't be closed either.
    stream.end = () => stream;
    stream.destroy = () => stream;
    return Object.assign(stream, { fd, isTTY: false });
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  try {
    const prototype = getPrototypeOf(value);
    return prototype === null || prototype === Object.prototype;
  } catch {
    return false;
  }
}

/** Fields as JSON text; null when JSON can't express them or they are too long for a line. */
function toFields(value: unknown): string | null {
  try {
    const text = JSON.stringify(value);
    return typeof text === 'string' && text.length <= LOG_LINE_CHARS_MAX && text[0] === '{' ? text : null;
  } catch {
    return null;
  }
}
