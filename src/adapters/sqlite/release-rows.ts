import type { Role } from '../../contract/control-api.ts';
import type { ReleaseManifest } from '../../contract/manifest.ts';
import type {
  EnvironmentRecord,
  ReleaseRecord,
  TokenRecord,
  VariableRecord,
} from '../../ports/release-store.ts';
import type { Schema } from './schema.ts';

/* Rows of the control plane's tables, and the records that they hold. */

export function releaseOf(row: Omit<Schema['releases'], 'seq'>): ReleaseRecord {
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
  return { app: row.app, name: row.name, release: row.release, activatedAt: row.activated_at };
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
