import type { IncomingMessage, ServerResponse } from 'node:http';
import { type MayflyError, toMayflyError } from '../../../../domain/errors.ts';
import type { Clock } from '../../../../ports/clock.ts';
import type { LambdaStore } from '../../../../ports/lambda-store.ts';
import { AwsError, awsErrorOf, notFound } from '../../aws-error.ts';
import type { EdgeExchange, EdgeFront } from '../../edge-front.ts';
import { readBody, refuseTooLong } from '../../rest/request-body.ts';
import type { LambdaQuotas } from '../code-packages.ts';
import type { InvocationTarget } from '../invocation-target.ts';
import type { InvocationRequest, Invocations } from '../invocations.ts';
import { type FunctionUrl, type FunctionUrls, type UrlTarget, urlTargetOf } from './function-urls.ts';
import type { UrlAccess } from './url-access.ts';
import { answerOf, badAnswer, sendable, type UrlHead } from './url-answer.ts';
import { corsFields, isPreflight, preflightFields } from './url-cors.ts';
import { urlEvent } from './url-event.ts';
import { UrlStream } from './url-stream.ts';

interface UrlFrontDeps {
  readonly store: LambdaStore;
  readonly urls: FunctionUrls;
  readonly access: UrlAccess;
  readonly invocations: Invocations;
  readonly quotas: LambdaQuotas;
  readonly clock: Clock;
  readonly onDefect: (error: MayflyError, requestId: string) => void;
}

/** A request that may enter, and the fields that every answer to it has. */
interface UrlCall {
  readonly res: ServerResponse;
  readonly target: InvocationTarget;
  readonly request: InvocationRequest;
  readonly fields: readonly string[];
  /** Fields that only the URL's own rules may say. */
  readonly policed: string | null;
}

const JSON_TYPE = 'application/json';
const CORS_PREFIX = 'access-control-';

/** Serves functions at their URLs: found → preflight → access → called → answered. */
export class UrlFront implements EdgeFront {
  readonly #deps: UrlFrontDeps;

  constructor(deps: UrlFrontDeps) {
    this.#deps = deps;
  }

  accepts(req: IncomingMessage): boolean {
    return urlTargetOf(req.headers.host, req.url ?? '/') !== null;
  }

  async serve({ req, res, requestId }: EdgeExchange): Promise<void> {
    const gone = new AbortController();
    res.once('close', () => gone.abort());
    const target = urlTargetOf(req.headers.host, req.url ?? '/')!;
    let fields = ['x-amzn-requestid', requestId];
    try {
      const url = await this.#deps.urls.find(target.id);
      if (url === null) throw notFound('Not Found');
      fields = [...fields, ...corsFields(url.Cors, req.headers.origin)];
      if (isPreflight(url.Cors, req)) {
        res.writeHead(200, ['x-amzn-requestid', requestId, ...preflightFields(url.Cors!, req)]);
        res.end();
        return;
      }
      const call = await this.#enter(url, target, req, requestId, gone.signal);
      const policed = url.Cors === undefined ? null : CORS_PREFIX;
      if (url.InvokeMode === 'RESPONSE_STREAM') await this.#stream({ ...call, res, fields, policed });
      else await this.#buffer({ ...call, res, fields, policed });
    } catch (thrown) {
      if (!gone.signal.aborted) this.#fail(res, requestId, thrown, fields);
    }
  }

  /** @throws AwsError */
  async #enter(
    url: FunctionUrl,
    { target, id }: UrlTarget,
    req: IncomingMessage,
    requestId: string,
    signal: AbortSignal,
  ): Promise<Pick<UrlCall, 'target' | 'request'>> {
    const { store, access, invocations, quotas, clock, urls } = this.#deps;
    const record = await store.getFunction(url.function);
    if (record?.state !== 'active') throw notFound('Not Found');
    refuseTooLong(req, quotas.lambdaPayloadBytesMax);
    const verify = await access.admit(url, req);
    const { bytes, sha256 } = await readBody(req, quotas.lambdaPayloadBytesMax);
    const caller = await verify(sha256);
    const now = clock.wall();
    const domain = new URL(urls.addressOf(url)).hostname;
    const event = urlEvent({ req, body: bytes, target, requestId, id, domain, caller, now });
    const payload = Buffer.from(JSON.stringify(event));
    const traceHeader = req.headers['x-amzn-trace-id'];
    const fn = { kind: 'own', name: url.function, app: record.app, record } as const;
    return {
      target: await invocations.target(fn, url.qualifier === '' ? null : url.qualifier),
      request: {
        payload,
        requestId,
        clientContext: null,
        traceHeader: typeof traceHeader === 'string' ? traceHeader : undefined,
        signal,
        trigger: 'url',
      },
    };
  }

  /** The whole result first. What a streaming function said as its head counts as well. */
  async #buffer({ res, target, request, fields, policed }: UrlCall): Promise<void> {
    const { invocations, quotas } = this.#deps;
    let head: UrlHead = { status: 200, headers: [] };
    const onHead = (status: number, headers: readonly string[]): void => {
      head = { status, headers };
    };
    const { outcome, body, contentType } = await invocations.call(target, { ...request, onHead });
    if (outcome !== 'ok' || body.length > quotas.lambdaPayloadBytesMax) throw badAnswer();
    const isResult = head.status === 200 && contentType === JSON_TYPE && head.headers.length === 2;
    const answer = isResult ? answerOf(body) : { ...head, body };
    const length = res.req.method === 'HEAD' ? [] : ['content-length', String(answer.body.length)];
    res.writeHead(answer.status, [...sendable(answer.headers, policed), ...length, ...fields]);
    res.end(answer.body);
  }

  async #stream({ res, target, request, fields, policed }: UrlCall): Promise<void> {
    const stream = new UrlStream(res, fields, policed);
    const { outcome } = await this.#deps.invocations.call(target, {
      ...request,
      onHead: (status, headers) => stream.head(status, headers),
      onPart: (part) => stream.part(part),
    });
    if (outcome !== 'ok') throw badAnswer();
    stream.end();
  }

  #fail(res: ServerResponse, requestId: string, thrown: unknown, fields: readonly string[]): void {
    const told = awsErrorOf(thrown);
    if (told === null) this.#deps.onDefect(toMayflyError(thrown), requestId);
    if (res.headersSent) {
      // No client may take a part for the whole.
      res.destroy();
      return;
    }
    const error = told ?? new AwsError('ServiceException', 500, 'Internal Server Error');
    const body = Buffer.from(JSON.stringify({ Message: error.message }));
    res.writeHead(error.status, [
      ...['content-type', JSON_TYPE, 'content-length', String(body.length), 'x-amzn-errortype', error.type],
      ...fields,
      ...(error.status === 413 ? ['connection', 'close'] : []),
    ]);
    res.end(body);
  }
}
