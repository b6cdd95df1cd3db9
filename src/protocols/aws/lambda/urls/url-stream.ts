import type { ServerResponse } from 'node:http';
import { preludeHead, sendable, type UrlHead, WITH_PRELUDE } from './url-answer.ts';

const DELIMITER = Buffer.alloc(8);
const PRELUDE_BYTES_MAX = 64 * 1024;

/** Writes a function's answer to a client as it comes, at the client's pace. */
export class UrlStream {
  readonly #res: ServerResponse;
  readonly #fields: readonly string[];
  readonly #policed: string | null;
  #head: UrlHead = { status: 200, headers: [] };
  /** What has come of a prelude; null: there is none, or it is complete. */
  #prelude: Buffer | null = null;

  /** `fields`: of every answer of this URL, flat; `policed`: the beginning of fields that only those may say. */
  constructor(res: ServerResponse, fields: readonly string[], policed: string | null) {
    this.#res = res;
    this.#fields = fields;
    this.#policed = policed;
  }

  head(status: number, headers: readonly string[]): void {
    this.#head = { status, headers };
    const type = headers.findIndex((text, at) => at % 2 === 0 && text.toLowerCase() === 'content-type');
    if (type >= 0 && headers[type + 1] === WITH_PRELUDE) this.#prelude = Buffer.alloc(0);
  }

  /** @throws AwsError 502 */
  async part(part: Buffer): Promise<void> {
    const rest = this.#prelude === null ? part : this.#takePrelude(this.#prelude, part);
    if (rest === null) return;
    this.#begin();
    const res = this.#res;
    if (rest.length === 0 || res.write(rest) || res.destroyed) return;
    await new Promise<void>((resolve) => {
      const on = (): void => {
        res.off('drain', on);
        res.off('close', on);
        resolve();
      };
      res.on('drain', on);
      res.on('close', on);
    });
  }

  end(): void {
    this.#begin();
    this.#res.end();
  }

  /** The body after the prelude; null: it is not complete. */
  #takePrelude(before: Buffer, part: Buffer): Buffer | null {
    const text = Buffer.concat([before, part]);
    const at = text.indexOf(DELIMITER);
    if (at < 0 && text.length <= PRELUDE_BYTES_MAX) {
      this.#prelude = text;
      return null;
    }
    this.#head = preludeHead(text.subarray(0, Math.max(0, at)));
    this.#prelude = null;
    return text.subarray(at + DELIMITER.length);
  }

  #begin(): void {
    if (this.#res.headersSent) return;
    const { status, headers } = this.#head;
    this.#res.writeHead(status, [...sendable(headers, this.#policed), ...this.#fields]);
  }
}
