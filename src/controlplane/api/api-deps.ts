import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { Status } from '../../contract/control-api.ts';
import type { MayflyError } from '../../domain/errors.ts';
import type { ArtifactStore } from '../../ports/artifacts.ts';
import type { AsyncInvoker } from '../../ports/async-invoker.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Invoker } from '../../ports/invoker.ts';
import type { LogReader } from '../../ports/log-reader.ts';
import type { Repositories } from '../../ports/repositories.ts';
import type { UsageReporter } from '../../ports/usage-reporter.ts';
import type { WebhookStore } from '../../ports/webhook-store.ts';
import type { AccessKeys } from '../credentials/access-keys.ts';
import type { GitDeployments } from '../git/git-deployments.ts';
import type { Hooks } from '../git/hooks.ts';
import type { Notifications } from '../notifications/notifications.ts';
import type { AppUrls } from '../releases/app-urls.ts';
import type { Deploys } from '../releases/deploys.ts';
import type { Environments } from '../releases/environments.ts';
import type { LiveApps } from '../releases/live-apps.ts';
import type { Releases } from '../releases/releases.ts';
import type { Runtimes } from '../runtimes/runtimes.ts';
import type { Tokens } from '../tokens/tokens.ts';
import type { Variables } from '../variables/variables.ts';

/** A Fastify server whose handlers take their types from the contract's schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** Bounds of the control API's listener. */
export interface ControlLimits {
  /** A JSON body; a deploy of 10,000 functions has some 10 MB. */
  readonly jsonBytesMax: number;
  readonly blobBytesMax: number;
  /** What a Git host reports. */
  readonly hookBytesMax: number;
  /** Body of a direct invocation. */
  readonly invocationBytesMax: number;
  /** Body of an asynchronous one: it is kept in the database. */
  readonly asyncBytesMax: number;
  /** How long a client may take to send its headers, and the whole of its request. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** How long a stream waits for a client that does not read. */
  readonly stalledClientMs: number;
  readonly connectionsMax: number;
}

export const CONTROL_LIMITS: ControlLimits = {
  jsonBytesMax: 32 * 1024 * 1024,
  blobBytesMax: 1024 * 1024 * 1024,
  hookBytesMax: 8 * 1024 * 1024,
  invocationBytesMax: 16 * 1024 * 1024,
  asyncBytesMax: 1024 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 300_000,
  stalledClientMs: 30_000,
  connectionsMax: 1_000,
};

export interface ControlApiDeps {
  readonly live: LiveApps;
  readonly releases: Releases;
  readonly deploys: Deploys;
  readonly environments: Environments;
  readonly variables: Variables;
  readonly tokens: Tokens;
  readonly runtimes: Runtimes;
  readonly urls: AppUrls;
  readonly repositories: Repositories;
  readonly gitDeployments: GitDeployments;
  readonly hooks: Hooks;
  readonly notifications: Notifications;
  readonly webhooks: WebhookStore;
  readonly artifacts: ArtifactStore;
  readonly invoker: Invoker;
  readonly asyncInvoker: AsyncInvoker;
  readonly logs: LogReader;
  readonly usage: UsageReporter;
  readonly clock: Clock;
  readonly accessKeys: AccessKeys;
  /** Where the edge listens, `http://127.0.0.1:4566`. */
  readonly edgeUrl: () => string;
  readonly status: () => Status;
  /** What the listener is told to listen on, and further names it is known by; see `HostGuard`. */
  readonly hosts: readonly string[];
  /** Mayfly's version, for the OpenAPI document. */
  readonly version: string;
  /** Told every error that is the platform's own, with the request that met it. */
  readonly onDefect: (error: MayflyError, requestId: string) => void;
  readonly limits?: Partial<ControlLimits>;
}

/** What the routes are made with. */
export interface RouteDeps extends ControlApiDeps {
  readonly bounds: ControlLimits;
  /** Aborted when the API closes: ends the streams that would not end by themselves. */
  readonly closing: AbortSignal;
}
