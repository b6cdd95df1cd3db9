import { createHash } from 'node:crypto';
import { artifactDigest } from '../../src/contract/artifact-digest.ts';
import type { UsageReport } from '../../src/contract/control-api.ts';
import type { ArtifactFileManifest, FunctionManifest } from '../../src/contract/manifest.ts';
import type { DeployRequest } from '../../src/contract/release-api.ts';

export const sha256Of = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex');

/** One file of code and the artifact that holds it alone. */
export function codeOf(content: string): { readonly file: ArtifactFileManifest; readonly artifact: string } {
  const file = {
    path: 'index.mjs',
    sha256: sha256Of(content),
    bytes: Buffer.byteLength(content),
    mode: 0o644 as const,
  };
  return { file, artifact: artifactDigest([file]) };
}

export function functionOf(
  name: string,
  content: string,
  extra: Partial<FunctionManifest> = {},
): FunctionManifest {
  return {
    name,
    handler: { file: 'index.mjs', export: 'default' },
    runtime: 'nodejs24',
    dialect: 'fetch',
    env: {},
    limits: {
      memoryMb: 128,
      timeoutMs: 30_000,
      initTimeoutMs: 10_000,
      network: 'full',
      perInstance: 1,
      maxInstances: 100,
      provisioned: 0,
      queueMax: 1_000,
      queueTimeoutMs: 10_000,
      keepAliveMs: null,
    },
    routes: [{ method: '*', pattern: `/${name}`, cors: null }],
    artifact: codeOf(content).artifact,
    ...extra,
  };
}

/** A deploy of functions given as name → code, or as finished manifests beside the code they share. */
export function deployOf(
  app: string,
  functions: Readonly<Record<string, string | { code: string; extra: Partial<FunctionManifest> }>>,
  extra: Partial<DeployRequest> = {},
): DeployRequest & { readonly codes: readonly string[] } {
  const entries = Object.entries(functions).map(([name, given]) =>
    typeof given === 'string' ? { name, code: given, extra: {} } : { name, ...given },
  );
  const codes = [...new Set(entries.map(({ code }) => code))];
  return {
    environment: 'production',
    manifest: { app, functions: entries.map(({ name, code, extra: more }) => functionOf(name, code, more)) },
    artifacts: codes.map((code) => [codeOf(code).file]),
    ...extra,
    codes,
  };
}

type CanaryPlan = NonNullable<DeployRequest['canary']>;

/** A canary by these steps, without guards. */
export function canaryPlanOf(
  steps: CanaryPlan['steps'],
  guards: Partial<CanaryPlan['guards']> = {},
): CanaryPlan {
  const none = { callsMin: 50, falseAlarm: 0.01, errors: null, p99: null, coldStarts: null, metrics: {} };
  return { steps, key: { kind: 'cookie' }, guards: { ...none, ...guards } };
}

const row = {
  calls: 1,
  errors: 0,
  coldStarts: 1,
  p50Ms: 1.5,
  p99Ms: 1.5,
  billedMs: 2,
  gbSeconds: 0.1,
  cpuMs: 1,
  cost: 0,
};

export const usageReport: UsageReport = {
  from: 0,
  to: 1,
  priceList: {
    name: 'list',
    date: '2025-01-01',
    source: 'https://prices.example',
    currency: 'USD',
    perMillionRequests: 0.2,
    perGbSecond: 0.0000166667,
  },
  rows: [{ key: 'shop', ...row }],
  total: { key: 'total', ...row },
};
