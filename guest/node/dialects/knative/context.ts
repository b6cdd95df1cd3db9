import type { HttpCall } from '../../../../src/contract/guest-messages.ts';
import { type HeaderRecord, headerRecord } from '../../header-fields.ts';
import { type QueryRecord, queryRecord, splitTarget } from '../../request-target.ts';
import { type CloudEvent, CloudEventResponse } from './cloud-event.ts';
import { type PinoLog, pinoLog } from './logger.ts';

let log: PinoLog | null = null;

/** The first parameter of a function. Query parameters also stand on it, where they have no name of its own. */
export class KnativeContext {
  readonly query: QueryRecord;
  readonly headers: HeaderRecord;
  readonly method: string;
  readonly contentType: string | undefined;
  readonly httpVersion = '1.1';
  readonly httpVersionMajor = 1;
  readonly httpVersionMinor = 1;
  body: unknown = undefined;
  cloudevent: CloudEvent | undefined = undefined;
  readonly #bytes: Buffer;

  constructor({ method, headers, url }: HttpCall, bytes: Buffer) {
    this.method = method;
    this.headers = headerRecord(headers);
    this.contentType = this.headers['content-type'] as string | undefined;
    this.query = queryRecord(splitTarget(url).search);
    this.#bytes = bytes;
    for (const name of Object.keys(this.query)) {
      if (!(name in this)) Object.defineProperty(this, name, { value: this.query[name], enumerable: true });
    }
  }

  get log(): PinoLog {
    log ??= pinoLog();
    return log;
  }

  get rawBody(): string {
    return this.#bytes.toString('utf8');
  }

  cloudEventResponse(data: unknown): CloudEventResponse {
    return new CloudEventResponse(data);
  }
}
