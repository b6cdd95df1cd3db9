import type { FunctionVersion } from '../domain/function-version.ts';

/** What an instance is known by to the node, while it lives. */
export interface InstanceCredential {
  /** Environment variables that hand it over; empty where the function brought its own. */
  readonly variables: Readonly<Record<string, string>>;
  /** Makes it worthless. Idempotent. */
  revoke(): void;
}

/**
 * Gives each instance a credential of its own, worth what its function may do and nothing else. Returns at once and never throws.
 * It is no part of the function's version: two instances of one version have different ones.
 */
export interface InstanceCredentials {
  issue(version: FunctionVersion): InstanceCredential;
}
