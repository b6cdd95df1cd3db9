import type { LiveApps } from '../../../controlplane/releases/live-apps.ts';
import type { LiveEnvironment } from '../../../controlplane/releases/live-environment.ts';
import type { Principal } from '../../../controlplane/tokens/tokens.ts';
import type { FunctionVersion } from '../../../domain/function-version.ts';
import { addressOf } from '../../../domain/snapshot.ts';
import type {
  LambdaAliasRecord,
  LambdaFunctionRecord,
  LambdaStore,
  LambdaVersionRecord,
} from '../../../ports/lambda-store.ts';
import { invalidParameter, NotAuthorized, notFound } from '../aws-error.ts';
import { notForApp, notForEnvironment, sees, seesEnvironment } from './access.ts';
import type { FunctionIdentities } from './function-identities.ts';
import { type Arns, type FunctionReference, LATEST, readFunctionName } from './names.ts';

/** A function that was made by the API. */
export interface OwnFunction {
  readonly kind: 'own';
  readonly name: string;
  readonly app: string;
  readonly record: LambdaFunctionRecord;
}

/** A function that was deployed with `mayfly deploy`: named `APP-FUNCTION`, or `APP--ENV-FUNCTION`. */
export interface DeployedFunction {
  readonly kind: 'deployed';
  readonly name: string;
  readonly app: string;
  readonly environment: LiveEnvironment;
  readonly version: FunctionVersion;
}

/** What a qualifier of a function of the API's own means. */
export interface Qualified {
  /** What a call without a routing decision gets. */
  readonly version: LambdaVersionRecord;
  /** Set when the qualifier is an alias. */
  readonly alias: LambdaAliasRecord | null;
}

interface CatalogDeps {
  readonly store: LambdaStore;
  readonly live: LiveApps;
  readonly arns: Arns;
  readonly identities: FunctionIdentities;
}

/** Which functions there are for the API: its own, and those that were deployed otherwise. */
export class FunctionCatalog {
  readonly #deps: CatalogDeps;

  constructor(deps: CatalogDeps) {
    this.#deps = deps;
  }

  /**
   * The function that a name or an ARN means, and the qualifier with it.
   * @throws AwsError ResourceNotFoundException, AccessDeniedException, InvalidParameterValueException
   */
  async find(
    text: string,
    qualifier: string | undefined,
    principal: Principal,
  ): Promise<{ readonly fn: OwnFunction | DeployedFunction; readonly qualifier: string | null }> {
    const reference = readFunctionName(text, qualifier);
    const fn = (await this.#own(reference.name)) ?? this.deployed(reference.name, principal);
    if (fn === null) throw this.missing(reference);
    if (!sees(principal, fn.app)) await this.#checkIdentity(fn, principal);
    else if (fn.kind === 'deployed') this.#checkEnvironment(fn, principal);
    return { fn, qualifier: reference.qualifier };
  }

  /** The same, for what changes: @throws AwsError also InvalidParameterValueException for a deployed function */
  async findOwn(
    text: string,
    qualifier: string | undefined,
    principal: Principal,
  ): Promise<{ readonly fn: OwnFunction; readonly qualifier: string | null }> {
    const found = await this.find(text, qualifier, principal);
    if (found.fn.kind === 'own') return { fn: found.fn, qualifier: found.qualifier };
    throw invalidParameter(
      `The function ${found.fn.name} was deployed with "mayfly deploy": this API can call and describe it; to change it, deploy the app "${found.fn.app}" again.`,
    );
  }

  /** What a qualifier means; null: `$LATEST`. @throws AwsError ResourceNotFoundException */
  async qualified({ name }: OwnFunction, qualifier: string | null): Promise<Qualified> {
    const { store } = this.#deps;
    const numbered = qualifier === null || qualifier === LATEST ? 0 : versionNumber(qualifier);
    const alias = numbered === null ? await store.getAlias(name, qualifier!) : null;
    const number = numbered ?? alias?.version ?? null;
    const version = number === null ? null : await store.getVersion(name, number);
    if (version === null) throw this.missing({ name, qualifier });
    return { version, alias };
  }

  /** All functions that a principal may see, by name. */
  async list(principal: Principal): Promise<(OwnFunction | DeployedFunction)[]> {
    const records = await this.#deps.store.listFunctions();
    const apps = new Set(records.map(({ app }) => app));
    const own = records
      .filter(({ app, state }) => state === 'active' && sees(principal, app))
      .map((record): OwnFunction => ({ kind: 'own', name: record.name, app: record.app, record }));
    const deployed = this.#deps.live
      .list()
      .filter(({ record }) => !apps.has(record.app) && seesEnvironment(principal, record.app, record.name))
      .flatMap((environment) => deployedIn(environment));
    return [...own, ...deployed].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  missing({ name, qualifier }: FunctionReference): Error {
    return notFound(`Function not found: ${this.#deps.arns.function(name, qualifier)}`);
  }

  /** Credentials that are not good for the function's app: those of a function of the same role are good for the function. */
  async #checkIdentity(fn: OwnFunction | DeployedFunction, principal: Principal): Promise<void> {
    const { identities, arns } = this.#deps;
    const arn = arns.function(fn.name);
    const identity = await identities.identityOf(principal);
    if (identity === null) throw notForApp(principal, fn.app, arn);
    if (fn.kind === 'own' && (await identities.shares(identity, fn))) return;
    throw new NotAuthorized(
      identity.arn,
      arn,
      (action) => `no identity-based policy allows the ${action} action`,
    );
  }

  #checkEnvironment({ name, app, environment }: DeployedFunction, principal: Principal): void {
    const place = environment.record.name;
    if (seesEnvironment(principal, app, place)) return;
    throw notForEnvironment(principal, place, this.#deps.arns.function(name));
  }

  async #own(name: string): Promise<OwnFunction | null> {
    const record = await this.#deps.store.getFunction(name);
    if (record?.state !== 'active') return null;
    return { kind: 'own', name, app: record.app, record };
  }

  /**
   * The hyphen between app and function is any of the name's: the longest app that has such a function is meant. Without an
   * environment it is production; for an instance of the same app the instance's own, so that code which names a function
   * stays in its environment.
   */
  deployed(name: string, { instanceOf }: Pick<Principal, 'instanceOf'> = {}): DeployedFunction | null {
    for (let at = name.lastIndexOf('-'); at > 0; at = name.lastIndexOf('-', at - 1)) {
      const [app, named] = name.slice(0, at).split('--') as [string, string?];
      const environment = named ?? (instanceOf?.app === app ? instanceOf.environment : 'production');
      const live = this.#deps.live.find(app, environment);
      const version = live?.stable?.functions.get(name.slice(at + 1));
      if (live !== null && version !== undefined)
        return { kind: 'deployed', name, app, environment: live, version };
    }
    return null;
  }
}

function deployedIn(environment: LiveEnvironment): DeployedFunction[] {
  const { app, name } = environment.record;
  return [...(environment.stable?.functions.values() ?? [])].map((version) => ({
    kind: 'deployed',
    name: `${addressOf(app, name)}-${version.name}`,
    app,
    environment,
    version,
  }));
}

/** Null: it is no number, so an alias is meant. */
export function versionNumber(text: string): number | null {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
}
