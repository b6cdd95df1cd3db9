import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ArtifactStore } from '../../../ports/artifacts.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { LambdaCode } from '../../../ports/lambda-store.ts';
import { AwsError } from '../aws-error.ts';
import type { EdgeExchange, EdgeFront } from '../edge-front.ts';
import { pathOf, queryOf } from '../sigv4/signed-request.ts';

interface CodeDownloadsDeps {
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  /** 32 random bytes. */
  readonly masterKey: Uint8Array;
  /** Where the edge listens, as its clients reach it. */
  readonly edgeUrl: () => string;
}

const PREFIX = '/_mayfly/lambda-code/';
/** As long as AWS's own addresses of code are good. */
const LIFE_MS = 600_000;

/** Addresses at which a zip archive can be fetched as it was sent, by whoever was given the address, for ten minutes. */
export class CodeDownloads implements EdgeFront {
  readonly #deps: CodeDownloadsDeps;
  readonly #key: Buffer;

  constructor(deps: CodeDownloadsDeps) {
    this.#deps = deps;
    this.#key = Buffer.from(
      hkdfSync('sha256', deps.masterKey, new Uint8Array(), 'mayfly lambda code downloads 1', 32),
    );
  }

  urlOf({ zip }: Pick<LambdaCode, 'zip'>): string {
    const expires = String(this.#deps.clock.wall() + LIFE_MS);
    return `${this.#deps.edgeUrl()}${PREFIX}${zip}.zip?expires=${expires}&signature=${this.#signature(zip, expires)}`;
  }

  accepts(req: IncomingMessage): boolean {
    return req.url?.startsWith(PREFIX) === true && req.method === 'GET';
  }

  async serve({ req, res, requestId }: EdgeExchange): Promise<void> {
    const target = req.url!;
    const zip = /^([0-9a-f]{64})\.zip$/.exec(pathOf(target).slice(PREFIX.length))?.[1] ?? '';
    const query = new Map(queryOf(target));
    const expires = query.get('expires') ?? '';
    const given = Buffer.from(query.get('signature') ?? '');
    const expected = Buffer.from(this.#signature(zip, expires));
    const good = given.length === expected.length && timingSafeEqual(given, expected);
    if (!good || Number(expires) < this.#deps.clock.wall()) {
      const { status, type, message } = new AwsError('AccessDenied', 403, 'Request has expired');
      res.writeHead(status, { 'x-amzn-errortype': type, 'x-amzn-requestid': requestId });
      res.end(message);
      return;
    }
    const content = await this.#deps.artifacts.readBlob(zip);
    res.writeHead(200, { 'content-type': 'application/zip', 'x-amzn-requestid': requestId });
    await pipeline(Readable.from(content, { objectMode: false }), res);
  }

  #signature(zip: string, expires: string): string {
    return createHmac('sha256', this.#key).update(`${zip}\n${expires}`).digest('hex');
  }
}
