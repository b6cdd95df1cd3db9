import Fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import { MayflyError, toMayflyError } from '../../domain/errors.ts';
import { randomHex } from '../../kit/ids.ts';
import { closePatiently } from '../../kit/patient-close.ts';
import './access.ts';
import {
  type Api,
  CONTROL_LIMITS,
  type ControlApiDeps,
  type ControlLimits,
  type RouteDeps,
} from './api-deps.ts';
import { authenticate, authorise, challengeOf } from './authentication.ts';
import { refuseMalformed } from './client-errors.ts';
import { HostGuard } from './host-guard.ts';
import { MethodIndex } from './method-index.ts';
import { collectRoutes } from './openapi.ts';
import { fromFastify, PROBLEM_TYPE, problemOf } from './problem.ts';
import { appRoutes } from './routes/app-routes.ts';
import { blobRoutes } from './routes/blob-routes.ts';
import { credentialRoutes } from './routes/credential-routes.ts';
import { deployRoutes } from './routes/deploy-routes.ts';
import { documentRoutes } from './routes/document-routes.ts';
import { environmentRoutes } from './routes/environment-routes.ts';
import { gitRoutes } from './routes/git-routes.ts';
import { hookRoutes } from './routes/hook-routes.ts';
import { invocationRoutes } from './routes/invocation-routes.ts';
import { logRoutes } from './routes/log-routes.ts';
import { notifyRoutes } from './routes/notify-routes.ts';
import { releaseRoutes } from './routes/release-routes.ts';
import { repositoryRoutes } from './routes/repository-routes.ts';
import { runtimeRoutes } from './routes/runtime-routes.ts';
import { statusRoutes } from './routes/status-routes.ts';
import { tokenRoutes } from './routes/token-routes.ts';
import { usageRoutes } from './routes/usage-routes.ts';
import { variableRoutes } from './routes/variable-routes.ts';
import { validatorCompiler } from './validation.ts';

export interface ControlApi {
  /**
   * Listens; answers the URL, with the port that was taken when `port` is 0.
   * @throws MayflyError PORT_TAKEN
   */
  listen(at: { readonly host: string; readonly port: number }): Promise<string>;
  /** Stops accepting, ends the streams, lets requests under way finish for `graceMs`, then cuts what is left. Idempotent. */
  close(graceMs: number): Promise<void>;
}

const REQUEST_ID_BYTES = 16;
const SLOW_CLIENT_CHECK_MS = 5_000;
const REQUEST_ID_HEADER = 'x-mayfly-request-id';
/** A body not yet read that is no longer than this is read to its end after a refusal, to keep the connection. */
const DRAINED_BYTES_MAX = 1024 * 1024;

/** The control API over HTTP. Every message and path: `contract/control-api.ts` and `contract/release-api.ts`. */
export async function createControlApi(deps: ControlApiDeps): Promise<ControlApi> {
  const bounds = { ...CONTROL_LIMITS, ...deps.limits };
  const closing = new AbortController();
  const api = newServer(bounds);
  guard(api, deps, closing.signal);
  const methods = new MethodIndex();
  api.addHook('onRoute', ({ method, url, config }) => {
    if (config?.access === undefined) throw new Error(`The route ${url} does not say who may use it.`);
    methods.add(method, url);
  });
  answerFailures(api, deps, methods);
  await collectRoutes(api, deps.version);
  addRoutes(api, { ...deps, bounds, closing: closing.signal });
  await api.ready();
  return {
    listen: ({ host, port }) => listen(api, host, port),
    close: (graceMs) => close(api, closing, graceMs),
  };
}

function newServer(bounds: ControlLimits): Api {
  const api = Fastify({
    bodyLimit: bounds.jsonBytesMax,
    requestTimeout: bounds.requestTimeoutMs,
    // Node looks for slow clients every 30 s by default.
    http: {
      headersTimeout: bounds.headersTimeoutMs,
      connectionsCheckingInterval: Math.min(bounds.headersTimeoutMs, SLOW_CLIENT_CHECK_MS),
    },
    forceCloseConnections: 'idle',
    // Closing answers SHUTTING_DOWN as a problem instead.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    genReqId: () => randomHex(REQUEST_ID_BYTES),
    clientErrorHandler: refuseMalformed,
    // Given here, so that Fastify does not load Ajv and fast-json-stringify, which nobody would use.
    schemaController: {
      compilersFactory: {
        buildValidator: () => validatorCompiler as never,
        buildSerializer: () => () => JSON.stringify,
      },
    },
    frameworkErrors: (error, request, reply) =>
      void sendProblem(reply, request, fromFastify(error) ?? toMayflyError(error)),
  }) as unknown as Api;
  api.server.maxConnections = bounds.connectionsMax;
  return api;
}

/** In order: is the node still open, is it called by its own name, who asks, may it. */
function guard(api: Api, { hosts, tokens }: ControlApiDeps, closing: AbortSignal): void {
  const hostGuard = new HostGuard(hosts);
  api.decorateRequest('principal');
  api.addHook('onRequest', async (request, reply) => {
    reply.header(REQUEST_ID_HEADER, request.id);
    if (closing.aborted) throw new MayflyError('SHUTTING_DOWN', 'The node is draining.');
    hostGuard.check(request.headers.host, request.headers.origin);
    if (request.routeOptions.config?.access === 'public') return;
    request.principal = await authenticate(request, tokens);
    authorise(request, request.principal);
  });
}

function answerFailures(api: Api, { onDefect }: ControlApiDeps, methods: MethodIndex): void {
  api.setErrorHandler<FastifyError>((thrown, request, reply) => {
    const error = thrown instanceof MayflyError ? thrown : (fromFastify(thrown) ?? toMayflyError(thrown));
    if (error.blame === 'platform' && error.code !== 'SHUTTING_DOWN') onDefect(error, request.id);
    return sendProblem(reply, request, error);
  });
  api.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const allow = methods.allowed(path);
    if (allow.length === 0)
      return sendProblem(reply, request, new MayflyError('NOT_FOUND', `There is nothing at ${path}.`));
    const refused = new MayflyError('METHOD_NOT_ALLOWED', `${path} does not take ${request.method}.`, {
      details: { allow },
    });
    return sendProblem(reply.header('allow', allow.join(', ')), request, refused);
  });
}

function sendProblem(reply: FastifyReply, request: FastifyRequest, error: MayflyError): FastifyReply {
  const challenge = challengeOf(error);
  if (challenge !== null) reply.header('www-authenticate', challenge);
  const length = Number(
    request.headers['content-length'] ?? (request.headers['transfer-encoding'] ? Infinity : 0),
  );
  if (!request.raw.complete && length > DRAINED_BYTES_MAX) reply.header('connection', 'close');
  return reply
    .code(error.status)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problemOf(error, request.id)));
}

function addRoutes(api: Api, deps: RouteDeps): void {
  statusRoutes(api, deps);
  appRoutes(api, deps);
  deployRoutes(api, deps);
  releaseRoutes(api, deps);
  environmentRoutes(api, deps);
  blobRoutes(api, deps);
  repositoryRoutes(api, deps);
  gitRoutes(api, deps);
  hookRoutes(api, deps);
  notifyRoutes(api, deps);
  variableRoutes(api, deps);
  invocationRoutes(api, deps);
  logRoutes(api, deps);
  usageRoutes(api, deps);
  tokenRoutes(api, deps);
  runtimeRoutes(api, deps);
  credentialRoutes(api, deps);
  documentRoutes(api);
}

async function listen(api: Api, host: string, port: number): Promise<string> {
  try {
    return await api.listen({ host, port });
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE')) throw cause;
    throw new MayflyError('PORT_TAKEN', `Something already listens on ${host}:${port}.`, { cause });
  }
}

function close(api: Api, closing: AbortController, graceMs: number): Promise<void> {
  closing.abort();
  return closePatiently(api.server, api.close(), graceMs);
}
