import type { FunctionVersion } from '../../../domain/function-version.ts';
import type { LambdaVersionRecord } from '../../../ports/lambda-store.ts';
import type { FunctionSettings } from './function-settings.ts';
import { type Arns, LATEST } from './names.ts';
import { awsNameOf } from './runtime-names.ts';

/** `FunctionConfiguration` of the API, of a version that was made by the API. */
export function viewOf(
  record: LambdaVersionRecord,
  arns: Arns,
  qualifier: string | null,
): Record<string, unknown> {
  const { configuration, code, function: name, version, revision, modifiedAt } = record;
  const { Layers, Environment, EphemeralStorage, TracingConfig, SnapStart, RoleApps, ...rest } =
    configuration as unknown as FunctionSettings;
  const { Runtime, Handler, ImageConfig, ...settings } = rest;
  const { image } = code;
  return {
    ...settings,
    FunctionName: name,
    FunctionArn: arns.function(name, qualifier),
    CodeSha256: Buffer.from(code.zip, 'hex').toString('base64'),
    CodeSize: code.bytes,
    LastModified: timeOf(modifiedAt),
    Version: version === 0 ? LATEST : String(version),
    RevisionId: revision,
    ...(image === undefined ? { PackageType: 'Zip', Runtime, Handler } : { PackageType: 'Image' }),
    ...(ImageConfig === undefined ? {} : { ImageConfigResponse: { ImageConfig } }),
    State: 'Active',
    LastUpdateStatus: 'Successful',
    EphemeralStorage: EphemeralStorage ?? { Size: 512 },
    TracingConfig: TracingConfig ?? { Mode: 'PassThrough' },
    SnapStart: { ApplyOn: 'None', ...SnapStart, OptimizationStatus: 'Off' },
    ...(Environment?.Variables === undefined ? {} : { Environment }),
    ...(Layers.length === 0 ? {} : { Layers: Layers.map((Arn) => ({ Arn, CodeSize: 0 })) }),
  };
}

/** `FunctionConfiguration` of a function that was deployed with `mayfly deploy`. It can be called and seen, not changed. */
export function deployedView(
  name: string,
  version: FunctionVersion,
  arns: Arns,
  deployed: { readonly at: number; readonly codeBytes: number },
): Record<string, unknown> {
  const { handler, limits, runtime, artifact } = version;
  return {
    FunctionName: name,
    FunctionArn: arns.function(name),
    Runtime: awsNameOf(runtime),
    Role: 'arn:aws:iam::000000000000:role/mayfly',
    Handler: `${handler.file.replace(/\.\w+$/, '')}.${handler.export}`,
    Description: `Function "${version.name}" of the app "${version.app}", environment "${version.environment}".`,
    Timeout: Math.max(1, Math.ceil(limits.timeoutMs / 1_000)),
    MemorySize: limits.memoryMb,
    CodeSha256: Buffer.from(artifact, 'hex').toString('base64'),
    CodeSize: deployed.codeBytes,
    LastModified: timeOf(deployed.at),
    Version: LATEST,
    RevisionId: version.version,
    PackageType: 'Zip',
    Architectures: [process.arch === 'arm64' ? 'arm64' : 'x86_64'],
    State: 'Active',
    LastUpdateStatus: 'Successful',
    EphemeralStorage: { Size: 512 },
    TracingConfig: { Mode: 'PassThrough' },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
  };
}

/** As Lambda writes times: `2026-01-31T12:00:00.000+0000`. */
export function timeOf(instant: number): string {
  return new Date(instant).toISOString().replace('Z', '+0000');
}
