import type { Generated, GeneratedAlways } from 'kysely';
import type { EnvironmentKind, TrafficAction } from '../../domain/traffic.ts';
import type { LambdaFunctionState } from '../../ports/lambda-store.ts';
import type { DeliveryState, GitHost } from '../../ports/webhook-store.ts';

/** The tables, as Kysely sees them. Times are ms since the epoch; booleans are 0 and 1; `json` columns hold text. */
export interface Schema {
  releases: {
    seq: Generated<number>;
    app: string;
    id: string;
    created_at: number;
    created_by: string;
    message: string;
    /** JSON of `ReleaseManifest`. */
    manifest: string;
    /** When this content was deployed last, and in which order: two releases may share a millisecond. */
    deployed_at: number;
    deploy_order: number;
  };
  /** Which artifacts a release names, so that nobody reads all manifests to find out. */
  release_artifacts: { app: string; release: string; artifact: string };
  environments: {
    app: string;
    name: string;
    kind: EnvironmentKind;
    stable: string | null;
    /** JSON list of release ids. */
    past: string;
    /** JSON of `Canary`, and its release beside it, so that no release goes that it names. */
    canary: string | null;
    canary_release: string | null;
    activated_at: number;
    revision: number;
    created_at: number;
  };
  history: {
    app: string;
    environment: string;
    seq: number;
    at: number;
    by: string;
    action: TrafficAction;
    release: string | null;
    canary_release: string | null;
    canary_weight: number | null;
    reason: string;
  };
  variables: {
    app: string;
    environment: string;
    function: string;
    name: string;
    value: string;
    secret: number;
    updated_at: number;
  };
  tokens: {
    id: string;
    name: string;
    sha256: string;
    role: string;
    /** JSON list of app names, or null. */
    apps: string | null;
    created_at: number;
    expires_at: number | null;
  };
  notify_targets: {
    app: string;
    id: string;
    environment: string | null;
    url: string;
    /** Sealed, as `credentials` below. */
    secret: string;
    created_at: number;
  };
  hooks: {
    app: string;
    id: string;
    host: GitHost;
    url: string;
    secret: string;
    credentials: string | null;
    created_at: number;
  };
  hook_deliveries: {
    app: string;
    hook: string;
    id: string;
    at: number;
    branch: string | null;
    state: DeliveryState;
    message: string;
  };
  async_calls: {
    id: string;
    app: string;
    environment: string;
    function: string;
    /** `APP/ENVIRONMENT/FUNCTION`, made by the database. */
    target: GeneratedAlways<string>;
    event: string;
    body: Uint8Array;
    traceparent: string | null;
    state: 'waiting' | 'leased' | 'dead';
    epoch: number;
    attempts: number;
    /** When it may be lent; of a leased call, when the lease ends; of a dead one, when it died. */
    due_at: number;
    enqueued_at: number;
    failure_code: string | null;
    failure_message: string | null;
    release: string | null;
  };
  /** One row. */
  async_counts: { enqueued: number; done: number; dead: number };
  lambda_functions: {
    name: string;
    app: string;
    state: LambdaFunctionState;
    versions_published: number;
    reserved: number | null;
  };
  /** `version` 0 is `$LATEST`. `configuration` and `code` are JSON. */
  lambda_versions: {
    function: string;
    version: number;
    revision: string;
    modified_at: number;
    release: string;
    configuration: string;
    code: string;
    /** The artifact that holds the package as it was sent. */
    package: string;
  };
  lambda_aliases: {
    function: string;
    name: string;
    revision: string;
    description: string;
    version: number;
    /** JSON of shares by version. */
    routing: string;
  };
  lambda_layers: {
    layer: string;
    version: number;
    created_at: number;
    configuration: string;
    code: string;
    artifact: string;
    package: string;
    deleted: number;
    /** JSON, or null. */
    policy: string | null;
  };
  /** Whatever else is set for a function or one of its qualifiers, by kind; `value` is JSON. */
  lambda_settings: {
    function: string;
    qualifier: string;
    kind: string;
    key: string | null;
    value: string;
    modified_at: number;
  };
  lambda_event_sources: {
    id: string;
    function: string;
    qualifier: string;
    source: string;
    value: string;
    modified_at: number;
  };
}
