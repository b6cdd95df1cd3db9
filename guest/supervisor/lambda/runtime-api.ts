import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { ERROR_BYTES_MAX, REQUEST_BYTES_MAX, RESPONSE_BYTES_MAX } from '../limits.ts';
import type { Network } from '../network.ts';
import { ApiError, accept, answerJson, invalidRequestId, invalidState, refuse } from './api-error.ts';
import type { Extensions } from './extensions.ts';
import type { Invocations } from './invocations.ts';
import { ReportedError } from './reported-error.ts';
import { header, readAll } from './request-bytes.ts';
import type { Telemetry } from './telemetry.ts';

/** The function behind the API, once there is one. */
export interface ServedFunction {
  readonly invocations: Invocations;
  readonly extensions: Extensions;
  readonly telemetry: Telemetry;
  /** The runtime says that it cannot start. */
  initFailed(error: Error): void;
}

type Answer = (req: IncomingMessage, res: ServerResponse, id: string, served: ServedFunction) => unknown;
const ERROR_TYPE = 'lambda-runtime-function-error-type';

/**
 * What anybody may ask who knows its credential, an id that only those got who were looked up: a request id by `next`, an
 * extension's by its registration. So only `next`, the registration and a failed init wait for the look at `/proc/net`, which is
 * when nobody waits for them.
 */
const BY_CREDENTIAL = /\/(response|error|event\/next|exit\/error|telemetry|logs)$/;
const INIT_ERROR = '/2018-06-01/runtime/init/error';

/** Method and path, `*` for a request id → what answers. */
const ROUTES: Readonly<Record<string, Answer>> = {
  'GET /2018-06-01/runtime/invocation/next': (_req, res, _id, { invocations }) => invocations.next(res),
  'POST /2018-06-01/runtime/invocation/*/response': takeResponse,
  'POST /2018-06-01/runtime/invocation/*/error': takeError,
  'POST /2018-06-01/runtime/init/error': takeInitError,
  'GET /2018-06-01/ping': (_req, res) => res.end('pong'),
  'POST /2020-01-01/extension/register': (req, res, _id, { extensions }) => extensions.register(req, res),
  'GET /2020-01-01/extension/event/next': (req, res, _id, { extensions }) => extensions.find(req).next(res),
  'POST /2020-01-01/extension/init/error': (req, res, _id, { extensions }) => extensions.report(req, res),
  'POST /2020-01-01/extension/exit/error': (req, res, _id, { extensions }) => extensions.report(req, res),
  'PUT /2022-07-01/telemetry': subscribe,
  // As AWS's own emulator answers where the older API is not offered: extensions go on without it.
  'PUT /2020-08-15/logs': (_req, res) => answerJson(res, 202, NO_LOGS_API),
};
const NO_LOGS_API = {
  errorMessage: 'The Logs API is not offered; the Telemetry API is.',
  errorType: 'Logs.NotSupported',
};
const WITH_ID = /^(\/2018-06-01\/runtime\/invocation\/)([^/]+)(\/(?:response|error))$/;

/**
 * AWS's Runtime API (2018-06-01), Extensions API (2020-01-01) and Telemetry API (2022-07-01), on a port of the loopback interface that
 * only the function's own processes may use. It listens before there is a function.
 */
export class RuntimeApi {
  readonly #server: Server;
  readonly #network: Network;
  readonly #admitted = new WeakMap<Socket, Promise<boolean>>();
  #served: ServedFunction | null = null;

  constructor(network: Network) {
    this.#server = createServer(
      // A runtime may wait for its next call for days, most of them frozen: no time-outs.
      { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, connectionsCheckingInterval: 2 ** 30 },
      (req, res) => void this.#answer(req, res),
    );
    this.#network = network;
  }

  /** @returns `127.0.0.1:PORT` */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  serve(served: ServedFunction): void {
    this.#served = served;
  }

  /** Whether a process of this sandbox asks; looked up once a connection. */
  async #admits(socket: Socket): Promise<boolean> {
    const known = this.#admitted.get(socket) ?? this.#network.admits(socket);
    this.#admitted.set(socket, known);
    const ours = await known;
    if (!ours) socket.destroy();
    return ours;
  }

  async #answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    // Before the look: a request from before the function is not for it.
    const served = this.#served;
    try {
      const path = req.url!.split('?')[0]!.replace(/\/$/, '');
      const guarded = path === INIT_ERROR || !BY_CREDENTIAL.test(path);
      if (guarded && !(await this.#admits(req.socket))) return;
      const match = WITH_ID.exec(path);
      const route = ROUTES[`${req.method} ${match === null ? path : `${match[1]}*${match[3]}`}`];
      if (route === undefined || served === null)
        throw new ApiError(404, 'NotFound', `No ${req.method} ${path}.`);
      await route(req, res, match === null ? '' : requestIdIn(match[2]!), served);
    } catch (thrown) {
      req.resume();
      if (thrown instanceof ApiError) refuse(res, thrown);
      else if (!res.headersSent)
        answerJson(res, 500, { errorMessage: String(thrown), errorType: 'InternalServerError' });
    }
  }
}

/** @throws ApiError for one that is no escaped text */
function requestIdIn(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw invalidRequestId();
  }
}

async function takeResponse(
  req: IncomingMessage,
  res: ServerResponse,
  id: string,
  { invocations }: ServedFunction,
): Promise<void> {
  const invocation = invocations.running(id, 'RuntimeInvocationResponseState');
  const mode = header(req, 'lambda-runtime-function-response-mode');
  if (mode !== null && mode.toLowerCase() !== 'streaming')
    throw new ApiError(400, 'InvalidFunctionResponseMode', 'Invalid function response mode');
  const bytesMax = Number(process.env.MAYFLY_LAMBDA_RESPONSE_BYTES_MAX) || RESPONSE_BYTES_MAX;
  try {
    await invocation.answer(req, mode !== null, bytesMax);
    accept(res);
  } finally {
    if (invocation.state === 'answered') invocations.answered(invocation);
  }
}

async function takeError(
  req: IncomingMessage,
  res: ServerResponse,
  id: string,
  { invocations }: ServedFunction,
): Promise<void> {
  const invocation = invocations.running(id, 'RuntimeInvocationErrorResponseState');
  await invocation.report(
    async () => new ReportedError(header(req, ERROR_TYPE), await readAll(req, ERROR_BYTES_MAX)),
  );
  accept(res);
  invocations.answered(invocation);
}

async function takeInitError(
  req: IncomingMessage,
  res: ServerResponse,
  _id: string,
  { invocations, initFailed }: ServedFunction,
): Promise<void> {
  if (invocations.started) throw invalidState('the runtime', 'Ready', 'RuntimeInitErrorState');
  const error = new ReportedError(header(req, ERROR_TYPE), await readAll(req, ERROR_BYTES_MAX));
  accept(res);
  initFailed(error);
}

async function subscribe(
  req: IncomingMessage,
  res: ServerResponse,
  _id: string,
  { extensions, telemetry }: ServedFunction,
): Promise<void> {
  const { name } = extensions.find(req);
  telemetry.subscribe(name, await readAll(req, REQUEST_BYTES_MAX));
  answerJson(res, 200, 'OK');
}
