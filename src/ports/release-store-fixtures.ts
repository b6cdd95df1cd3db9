import type { Canary, Traffic } from '../domain/traffic.ts';
import type { EnvironmentChange, ReleaseRecord, VariableRecord } from './release-store.ts';

/* What the conformance tests of the release store put in. */

export function releaseOf(app: string, id: string, extra: Partial<ReleaseRecord> = {}): ReleaseRecord {
  return {
    id,
    app,
    createdAt: 5,
    createdBy: 'operator',
    message: '',
    manifest: { app, functions: [] },
    ...extra,
  };
}

function functionOf(artifact: string): ReleaseRecord['manifest']['functions'][number] {
  const limits = {
    memoryMb: 128,
    timeoutMs: 1,
    initTimeoutMs: 1,
    network: 'none' as const,
    keepAliveMs: null,
  };
  const counts = { perInstance: 1, maxInstances: 1, provisioned: 0, queueMax: 0, queueTimeoutMs: 0 };
  return {
    name: 'list',
    handler: { file: 'index.mjs', export: 'default' },
    runtime: 'nodejs24',
    dialect: 'fetch',
    env: {},
    limits: { ...limits, ...counts },
    routes: [],
    artifact,
  };
}

/** A release whose only function has this artifact: one letter, 64 times. */
export function releaseWith(app: string, id: string, letter: string, createdAt = 5): ReleaseRecord {
  return releaseOf(app, id, { createdAt, manifest: { app, functions: [functionOf(letter.repeat(64))] } });
}

export function stableAt(stable: string | null, past: readonly string[] = []): Traffic {
  return { stable, past, canary: null };
}

export function canaryOf(release: string, extra: Partial<Canary> = {}): Canary {
  return {
    id: 'c-0123456789ab',
    release,
    plan: {
      steps: [
        { weight: 500, holdMs: 60_000 },
        { weight: 10_000, holdMs: null },
      ],
      key: { kind: 'header', name: 'x-user' },
      guards: {
        callsMin: 50,
        falseAlarm: 0.01,
        errors: 0.01,
        p99: null,
        coldStarts: null,
        metrics: { sum: 2 },
      },
    },
    startedAt: 20,
    step: 0,
    stepSince: 20,
    weight: 500,
    paused: false,
    ...extra,
  };
}

export function changeOf(app: string, extra: Partial<EnvironmentChange> = {}): EnvironmentChange {
  return {
    app,
    name: 'production',
    kind: 'permanent',
    traffic: stableAt('r-1'),
    revision: 0,
    at: 10,
    by: 'operator',
    action: 'deploy',
    reason: '',
    ...extra,
  };
}

export function variableOf(extra: Partial<VariableRecord>): VariableRecord {
  const at = { app: 'shop', environment: 'production', function: '' };
  return { ...at, name: 'A', value: '1', secret: false, updatedAt: 3, ...extra };
}
