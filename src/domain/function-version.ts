/**
 * What the data plane needs to know to run one function: code, configuration and limits, immutable.
 *
 * `key` names the version for ever: two versions with the same key are interchangeable, so a warm instance is
 * keyed by it and by nothing else. It covers artifact, configuration and the values of its environment.
 */
export interface FunctionVersion {
  /** `APP/ENVIRONMENT/FUNCTION@DIGEST`: the identity of pools, instances, logs and the ledger. */
  readonly key: string;
  readonly project: string;
  readonly app: string;
  readonly environment: string;
  readonly name: string;
  /** First 16 hex digits of the digest over artifact, configuration and environment values. */
  readonly version: string;
  /** SHA-256 (hex) of the artifact's manifest: names the code tree. */
  readonly artifact: string;
  /** File inside the artifact to load (`hello.mjs`), and the export in it (`default`, `handler`, `a.b`). */
  readonly handler: { readonly file: string; readonly export: string };
  /** For runtimes that run programs: the program and its parameters, in place of the handler's file. */
  readonly command?: readonly string[];
  /** `nodejs24`. */
  readonly runtime: string;
  /** `fetch`, `event`, `lambda`. */
  readonly dialect: string;
  /** Environment variables the function sees, secrets included, in clear: never log, never serialise. */
  readonly env: Readonly<Record<string, string>>;
  readonly limits: FunctionLimits;
}

/** Limits and sizes of one function; every field has been validated and given its default. */
export interface FunctionLimits {
  /** Hard memory bound of an instance, MB (2^20 bytes). */
  readonly memoryMb: number;
  /** CPU share, thousandths of a vCPU; left out: it follows memory. */
  readonly cpuMillis?: number | undefined;
  /** How long one call may take once it has an instance, ms. */
  readonly timeoutMs: number;
  /** How long loading the code may take, ms. */
  readonly initTimeoutMs: number;
  readonly network: 'full' | 'none';
  /** Calls that one instance serves at a time. */
  readonly perInstance: number;
  /** Most instances at a time. */
  readonly maxInstances: number;
  /** Instances kept ready even when nobody calls. */
  readonly provisioned: number;
  /** Calls that may wait for an instance; one more gets 429. */
  readonly queueMax: number;
  /** Longest wait for an instance, ms; then 429. */
  readonly queueTimeoutMs: number;
  /** How long an idle instance is kept, ms; `null`: learned from the function's own rhythm. */
  readonly keepAliveMs: number | null;
}
