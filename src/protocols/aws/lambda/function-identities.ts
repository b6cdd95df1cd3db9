import type { InstanceOrigin, Principal } from '../../../controlplane/tokens/tokens.ts';
import type { LambdaFunctionRecord, LambdaStore } from '../../../ports/lambda-store.ts';
import { type FunctionSettings, settingsOf } from './function-settings.ts';
import { versionOfEnvironment } from './lambda-app.ts';
import { ACCOUNT_ID } from './names.ts';

/** Who an instance of a function of the API is, for AWS: its function's role. */
export interface FunctionIdentity {
  /** `arn:aws:sts::000000000000:assumed-role/ROLE/FUNCTION`, as errors and policies name it. */
  readonly arn: string;
  /** ARN of the role. */
  readonly role: string;
  /** Apps that whoever gave the function its role could use: the role leads to no other. Null: all. */
  readonly apps: readonly string[] | null;
}

/**
 * Functions of one role are one user: each may look at and call the others. It is the role of the version that an instance
 * serves, against that of the other function's `$LATEST`.
 *
 * A role leads no further than whoever gave it: else who may deploy one app could reach any other by naming its role.
 */
export class FunctionIdentities {
  readonly #store: LambdaStore;

  constructor(store: LambdaStore) {
    this.#store = store;
  }

  /** Null: it is no instance of a function of the API. */
  async identityOf({ instanceOf }: Principal): Promise<FunctionIdentity | null> {
    if (instanceOf === undefined) return null;
    const fn = await this.#store.getFunctionOfApp(instanceOf.app);
    const settings = fn?.state === 'active' ? await this.#settingsOf(fn, instanceOf) : null;
    if (fn === null || settings === null) return null;
    const { Role: role, RoleApps: apps = null } = settings;
    const roleName = role.slice(role.lastIndexOf('/') + 1);
    return { arn: `arn:aws:sts::${ACCOUNT_ID}:assumed-role/${roleName}/${fn.name}`, role, apps };
  }

  async shares(
    { role, apps }: FunctionIdentity,
    { name, app }: Pick<LambdaFunctionRecord, 'name' | 'app'>,
  ): Promise<boolean> {
    if (apps !== null && !apps.includes(app)) return false;
    const latest = await this.#store.getVersion(name, 0);
    return latest !== null && settingsOf(latest).Role === role;
  }

  async #settingsOf(
    { name }: LambdaFunctionRecord,
    { environment }: InstanceOrigin,
  ): Promise<FunctionSettings | null> {
    const version = versionOfEnvironment(environment);
    const record = version === null ? null : await this.#store.getVersion(name, version);
    return record === null ? null : settingsOf(record);
  }
}
