import type { Role } from '../../contract/control-api.ts';
import type { ReleaseManifest } from '../../contract/manifest.ts';
import type { Canary } from '../../domain/traffic.ts';
import type {
  EnvironmentRecord,
  HistoryRecord,
  ReleaseRecord,
  TokenRecord,
  VariableRecord,
} from '../../ports/release-store.ts';
import type { Schema } from './schema.ts';

/* Rows of the control plane's tables, and the records that they hold. */

export function releaseOf(
  row: Omit<Schema['releases'], 'seq' | 'deployed_at' | 'deploy_order'>,
): ReleaseRecord {
  return {
    id: row.id,
    app: row.app,
    createdAt: row.created_at,
    createdBy: row.created_by,
    message: row.message,
    manifest: JSON.parse(row.manifest) as ReleaseManifest,
  };
}

export function environmentOf(row: Schema['environments']): EnvironmentRecord {
  const { app, name, kind, stable, revision } = row;
  return {
    app,
    name,
    kind,
    traffic: {
      stable,
      past: JSON.parse(row.past) as string[],
      canary: row.canary === null ? null : (JSON.parse(row.canary) as Canary),
    },
    activatedAt: row.activated_at,
    revision,
    createdAt: row.created_at,
  };
}

export function rowOfEnvironment(environment: EnvironmentRecord): Schema['environments'] {
  const { app, name, kind, traffic, revision } = environment;
  const { stable, past, canary } = traffic;
  return {
    app,
    name,
    kind,
    stable,
    past: JSON.stringify(past),
    canary: canary === null ? null : JSON.stringify(canary),
    canary_release: canary?.release ?? null,
    activated_at: environment.activatedAt,
    revision,
    created_at: environment.createdAt,
  };
}

export function historyOf(row: Schema['history']): HistoryRecord {
  const { seq, at, by, action, release, reason, canary_release, canary_weight } = row;
  const canary = canary_release === null ? null : { release: canary_release, weight: canary_weight ?? 0 };
  return { seq, at, by, action, release, canary, reason };
}

export function variableOf(row: Schema['variables']): VariableRecord {
  const { app, environment, name, value } = row;
  return {
    app,
    environment,
    function: row.function,
    name,
    value,
    secret: row.secret === 1,
    updatedAt: row.updated_at,
  };
}

export function rowOfVariable(variable: VariableRecord): Schema['variables'] {
  const { app, environment, name, value } = variable;
  const secret = variable.secret ? 1 : 0;
  return {
    app,
    environment,
    function: variable.function,
    name,
    value,
    secret,
    updated_at: variable.updatedAt,
  };
}

export function tokenOf(row: Schema['tokens']): TokenRecord {
  return {
    id: row.id,
    name: row.name,
    sha256: row.sha256,
    role: row.role as Role,
    apps: row.apps === null ? null : (JSON.parse(row.apps) as string[]),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}
