import type { Insertable, Selectable } from 'kysely';
import type {
  LambdaAliasRecord,
  LambdaEventSourceRecord,
  LambdaLayerRecord,
  LambdaSettingRecord,
  LambdaVersionRecord,
} from '../../ports/lambda-store.ts';
import type { Schema } from './schema.ts';

export function rowOfVersion(record: LambdaVersionRecord): Insertable<Schema['lambda_versions']> {
  const { modifiedAt, configuration, code, ...rest } = record;
  return {
    ...rest,
    modified_at: modifiedAt,
    configuration: JSON.stringify(configuration),
    code: JSON.stringify(code),
    package: code.package,
  };
}

export function versionOf(row: Selectable<Schema['lambda_versions']>): LambdaVersionRecord {
  const { modified_at, configuration, code, package: _named, ...rest } = row;
  return {
    ...rest,
    modifiedAt: modified_at,
    configuration: JSON.parse(configuration),
    code: JSON.parse(code),
  };
}

export function aliasOf({ routing, ...alias }: Selectable<Schema['lambda_aliases']>): LambdaAliasRecord {
  return { ...alias, routing: JSON.parse(routing) };
}

export function layerOf(row: Selectable<Schema['lambda_layers']>): LambdaLayerRecord {
  const { layer, version, created_at, configuration, code, policy } = row;
  return {
    layer,
    version,
    createdAt: created_at,
    configuration: JSON.parse(configuration),
    code: JSON.parse(code),
    policy: policy === null ? null : JSON.parse(policy),
  };
}

export function settingOf(row: Selectable<Schema['lambda_settings']>): LambdaSettingRecord {
  const { modified_at, value, key, ...setting } = row;
  const record = { ...setting, value: JSON.parse(value), modifiedAt: modified_at };
  return key === null ? record : { ...record, key };
}

export function eventSourceOf(row: Selectable<Schema['lambda_event_sources']>): LambdaEventSourceRecord {
  const { modified_at, value, ...source } = row;
  return { ...source, value: JSON.parse(value), modifiedAt: modified_at };
}
