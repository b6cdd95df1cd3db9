import fs from 'node:fs';
import { Socket } from 'node:net';
import { type FrameHandler, FrameReader } from '../../src/contract/frames.ts';
import { LAST_WORDS_MS_MAX } from './limits.ts';

/** Held: the author's code gets a `writeSync` that refuses the protocol's descriptor. */
const { writeSync } = fs;

/** What the channel asks and tells the instance. */
export interface ChannelEvents {
  readonly frame: FrameHandler;
  /** A frame of log lines to send before anything else, or null. */
  readonly takeLogs: () => Buffer | null;
  /** The platform has gone. */
  readonly closed: () => void;
  /** The platform sent what the protocol does not allow. */
  readonly violated: (cause: unknown) => void;
}

/**
 * The guest's end of the protocol socket. Frames sent in one turn of the event loop leave in one write; `flush`
 * does not wait for the end of the turn.
 */
export class Channel {
  readonly #fd: number;
  readonly #socket: Socket;
  readonly #events: ChannelEvents;
  #queue: Buffer[] = [];
  #scheduled: NodeJS.Immediate | null = null;
  readonly #flushScheduled = (): void => {
    this.#scheduled = null;
    this.flush();
  };

  constructor(fd: number, events: ChannelEvents) {
    this.#fd = fd;
    this.#events = events;
    const reader = new FrameReader(events.frame);
    this.#socket = new Socket({ fd, readable: true, writable: true });
    this.#socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (thrown) {
        events.violated(thrown);
      }
    });
    this.#socket.on('error', events.closed);
    this.#socket.on('close', events.closed);
    this.#socket.on('end', events.closed);
  }

  /** Bytes that the platform has not taken yet. */
  get backlogBytes(): number {
    return this.#socket.writableLength;
  }

  send(frame: Buffer): void {
    this.#queue[this.#queue.length] = frame;
    this.schedule();
  }

  /** Makes sure that a flush happens before this turn of the event loop ends. */
  schedule(): void {
    this.#scheduled ??= setImmediate(this.#flushScheduled);
  }

  flush(): void {
    // Left standing, it would send the event loop round once more, past the kernel, for nothing.
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    this.#scheduled = null;
    const bytes = this.#take();
    if (bytes !== null) this.#socket.write(bytes);
  }

  /**
   * Hands over everything before the process ends. What the socket still holds can't be overtaken, so when the
   * platform is that far behind, the last frames are lost and it learns the end from the closed socket.
   */
  flushBeforeEnd(): void {
    const bytes = this.#take();
    if (bytes === null || this.#socket.writableLength > 0) return;
    const giveUpAt = performance.now() + LAST_WORDS_MS_MAX;
    let offset = 0;
    while (offset < bytes.length && performance.now() < giveUpAt) {
      try {
        offset += writeSync(this.#fd, bytes, offset);
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      }
    }
  }

  /** Whether waiting for the platform keeps the event loop from being empty. */
  hold(loop: boolean): void {
    if (loop) this.#socket.ref();
    else this.#socket.unref();
  }

  #take(): Buffer | null {
    const logs = this.#events.takeLogs();
    const queue = this.#queue;
    if (queue.length === 0) return logs;
    this.#queue = [];
    if (logs === null) return queue.length === 1 ? queue[0]! : Buffer.concat(queue);
    queue[queue.length] = logs;
    // A line belongs before the answer it was written for: the platform may stop the process right after that.
    for (let at = queue.length - 1; at > 0; at -= 1) queue[at] = queue[at - 1]!;
    queue[0] = logs;
    return Buffer.concat(queue);
  }
}
