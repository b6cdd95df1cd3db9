import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { includesRole } from '../../../controlplane/tokens/roles.ts';
import type { Principal } from '../../../controlplane/tokens/tokens.ts';
import { type MayflyError, toMayflyError } from '../../../domain/errors.ts';
import { AwsError, accessDenied, awsErrorOf, NotAuthorized } from '../aws-error.ts';
import type { EdgeExchange, EdgeFront } from '../edge-front.ts';
import type { SignatureVerifier, VerifiedRequest } from '../sigv4/signature-verifier.ts';
import type { Operation, OperationAnswer } from './operation.ts';
import { readInput } from './operation-input.ts';
import { type OperationMatch, OperationRouter } from './operation-router.ts';
import { type RequestBody, readBody, readCarvedBody, refuseTooLong } from './request-body.ts';
import type { Carved } from './text-carver.ts';

/** An API of AWS's REST-JSON kind: what its signatures name it, and its operations. */
export interface RestJsonApi {
  /** Of the credential's scope: `lambda`. */
  readonly service: string;
  readonly operations: readonly Operation[];
}

interface RestJsonFrontDeps {
  readonly api: RestJsonApi;
  readonly verifier: SignatureVerifier<Principal>;
  readonly onDefect: (error: MayflyError, requestId: string) => void;
}

/** A JSON body, unless its operation says otherwise. */
const JSON_BYTES_MAX = 1024 * 1024;

/**
 * Serves one AWS API: admit → read → verify → match → authorise → validate → run → answer. The operation is found first, but only
 * because it says how large a body may be; nothing is told to who has not signed.
 */
export class RestJsonFront implements EdgeFront {
  readonly #deps: RestJsonFrontDeps;
  readonly #router: OperationRouter;

  constructor(deps: RestJsonFrontDeps) {
    this.#deps = deps;
    this.#router = new OperationRouter(deps.api.operations);
  }

  accepts(): boolean {
    return true;
  }

  async serve({ req, res, requestId }: EdgeExchange): Promise<void> {
    const gone = new AbortController();
    res.once('close', () => gone.abort());
    try {
      const answered = await this.#answer(req, requestId, gone.signal);
      await send(res, requestId, answered);
    } catch (thrown) {
      if (gone.signal.aborted) return;
      this.#fail(res, requestId, thrown);
    }
  }

  async #answer(req: IncomingMessage, requestId: string, signal: AbortSignal): Promise<OperationAnswer> {
    const target = req.url ?? '/';
    const method = req.method ?? 'GET';
    const match = this.#router.match(method, target);
    const bytesMax = match?.operation.bodyBytesMax ?? JSON_BYTES_MAX;
    refuseTooLong(req, bytesMax);
    const admitted = await this.#deps.verifier.admit({ method, target, headers: req.rawHeaders });
    const { bytes, text, sha256 } = await bodyFor(match?.operation, req, bytesMax);
    const verified = admitted.verify(sha256);
    this.#checkService(verified, match !== null);
    const { operation } = found(match);
    const { principal } = verified;
    mayDo(principal, operation, this.#actionOf(operation));
    const isJson = operation.body !== 'bytes';
    const input = readInput(match!, target, isJson ? bytes : EMPTY) as Record<string, unknown>;
    const given = { input, body: isJson ? EMPTY : bytes, carved: text };
    try {
      return await operation.run({ ...given, headers: req.headers, principal, requestId, signal });
    } catch (thrown) {
      throw thrown instanceof NotAuthorized ? thrown.toPerform(this.#actionOf(operation)) : thrown;
    }
  }

  #actionOf({ name, action = name }: Operation): string {
    return `${this.#deps.api.service}:${action}`;
  }

  #checkService({ service }: VerifiedRequest<Principal>, isOperation: boolean): void {
    const own = this.#deps.api.service;
    if (service === own) return;
    if (!isOperation) throw noSuchService(service, own);
    const message = `Credential should be scoped to correct service: '${own}'. `;
    throw new AwsError('InvalidSignatureException', 403, message);
  }

  #fail(res: ServerResponse, requestId: string, thrown: unknown): void {
    const told = awsErrorOf(thrown);
    if (told === null) this.#deps.onDefect(toMayflyError(thrown), requestId);
    if (res.headersSent) {
      res.destroy();
      return;
    }
    const error = told ?? new AwsError('ServiceException', 500, 'The service encountered an internal error.');
    const { type, status, fault, fields, message } = error;
    // Some clients read `message`, some `Message`; AWS itself sends the one or the other.
    const body = Buffer.from(JSON.stringify({ ...fields, Type: fault, Message: message, message }));
    res.writeHead(status, {
      'content-type': 'application/json',
      'content-length': body.length,
      'x-amzn-errortype': type,
      'x-amzn-requestid': requestId,
      // What is left of a body that nobody reads must not be taken for the next request.
      ...(status === 413 ? { connection: 'close' } : {}),
    });
    res.end(body);
  }
}

const EMPTY = Buffer.alloc(0);

async function bodyFor(
  { carved: path }: Partial<Operation> = {},
  req: IncomingMessage,
  bytesMax: number,
): Promise<RequestBody & Pick<Carved, 'text'>> {
  if (path !== undefined) return await readCarvedBody(req, { bytesMax, path, restBytesMax: JSON_BYTES_MAX });
  return { ...(await readBody(req, bytesMax)), text: [] };
}

/** A client of a service that is not here. `__type` is where those of AWS's older JSON protocols look for the name. */
function noSuchService(service: string, own: string): AwsError {
  const type = 'ServiceNotAvailableException';
  const message = `This node has no service "${service}" yet; its edge port speaks "${own}".`;
  return new AwsError(type, 501, message, { __type: type });
}

function found(match: OperationMatch | null): OperationMatch {
  if (match !== null) return match;
  throw new AwsError('UnknownOperationException', 404, 'Mayfly knows no such operation.');
}

function mayDo({ name, role }: Principal, operation: Operation, action: string): void {
  if (includesRole(role, operation.access)) return;
  throw accessDenied(
    `User: ${name} is not authorized to perform: ${action} because its role "${role}" does not allow it; "${operation.access}" does`,
  );
}

async function send(
  res: ServerResponse,
  requestId: string,
  { status, headers = {}, body }: OperationAnswer,
): Promise<void> {
  const fields = { 'x-amzn-requestid': requestId, ...headers };
  if (body === null || Buffer.isBuffer(body)) {
    res.writeHead(status, body === null ? fields : { 'content-length': body.length, ...fields });
    res.end(body ?? undefined);
  } else if (Symbol.asyncIterator in body) {
    res.writeHead(status, fields);
    await pipeline(Readable.from(body, { objectMode: false }), res);
  } else {
    const bytes = Buffer.from(JSON.stringify(body));
    res.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length, ...fields });
    res.end(bytes);
  }
}
