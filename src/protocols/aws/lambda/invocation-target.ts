import type { LambdaStore } from '../../../ports/lambda-store.ts';
import { versionFor } from './alias-routing.ts';
import type { DeployedFunction, FunctionCatalog, OwnFunction } from './function-catalog.ts';
import { settingsOf } from './function-settings.ts';
import { environmentOf, functionOfApp } from './lambda-app.ts';
import { type Arns, LATEST } from './names.ts';

/** The very version that a call goes to. */
export interface InvocationTarget {
  readonly app: string;
  readonly environment: string;
  readonly function: string;
  /** `$LATEST` or a number. */
  readonly version: string;
  /** As the caller named it. */
  readonly arn: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** Calls of its function that may run at a time; null: no number was reserved. */
  readonly reserved: number | null;
}

interface TargetDeps {
  readonly store: LambdaStore;
  readonly catalog: FunctionCatalog;
  readonly arns: Arns;
}

/** Decides which version a call gets: an alias with shares draws. @throws AwsError ResourceNotFoundException */
export async function targetOf(
  { catalog, arns, store }: TargetDeps,
  fn: OwnFunction | DeployedFunction,
  qualifier: string | null,
): Promise<InvocationTarget> {
  const arn = arns.function(fn.name, qualifier);
  if (fn.kind === 'deployed') {
    if (qualifier !== null && qualifier !== LATEST) throw catalog.missing({ name: fn.name, qualifier });
    const { app, environment, version } = fn;
    const { timeoutMs, memoryMb } = version.limits;
    const place = { app, environment: environment.record.name, function: version.name };
    return { ...place, version: LATEST, arn, timeoutMs, memoryMb, reserved: null };
  }
  const { version, alias } = await catalog.qualified(fn, qualifier);
  const number = alias === null ? version.version : versionFor(alias, Math.random());
  const record = (number === version.version ? version : await store.getVersion(fn.name, number)) ?? version;
  const { Timeout, MemorySize } = settingsOf(record);
  return {
    app: fn.app,
    environment: environmentOf(record.version),
    function: functionOfApp(fn.app),
    version: record.version === 0 ? LATEST : String(record.version),
    arn,
    timeoutMs: Timeout * 1_000,
    memoryMb: MemorySize,
    reserved: fn.record.reserved,
  };
}
