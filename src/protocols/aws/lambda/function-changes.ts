import { randomUUID } from 'node:crypto';
import type { ControlPlane } from '../../../controlplane/control-plane.ts';
import { MayflyError } from '../../../domain/errors.ts';
import { KeyedLock } from '../../../kit/keyed-lock.ts';
import type { Clock } from '../../../ports/clock.ts';
import type {
  LambdaCode,
  LambdaDocument,
  LambdaStore,
  LambdaVersionRecord,
} from '../../../ports/lambda-store.ts';
import { AwsError, conflict, invalidParameter, notFound } from '../aws-error.ts';
import type { FunctionReleases } from './function-releases.ts';
import { type FunctionSettings, settingsOf } from './function-settings.ts';
import { environmentOf, lambdaAppOf, versionOfEnvironment } from './lambda-app.ts';
import type { Arns } from './names.ts';

interface FunctionChangesDeps {
  readonly store: LambdaStore;
  readonly plane: Pick<ControlPlane, 'live' | 'releases' | 'environments'>;
  readonly serving: FunctionReleases;
  readonly clock: Clock;
  readonly arns: Arns;
}

/** What a new version of `$LATEST` is made of; absent: as before. */
export interface LatestChange {
  readonly settings?: FunctionSettings;
  readonly code?: LambdaCode;
  /** What the caller believes to be changing. */
  readonly revision?: string | undefined;
}

/**
 * Makes, changes and removes functions: one change of a function at a time. The record in the store is what counts; the app and
 * its environments follow it, and are brought to it again at the next start if the node ends in between (`recover`).
 *
 * ```
 * create   reserve the name → serve → activate the record          before the last step there is no function
 * update   serve → save the record                                 before the last step it is the old one
 * publish  serve in `vN` → insert the record
 * remove   mark → remove the app → remove the record               after the first step it is gone
 * ```
 */
export class FunctionChanges {
  readonly #deps: FunctionChangesDeps;
  readonly #lock = new KeyedLock();

  constructor(deps: FunctionChangesDeps) {
    this.#deps = deps;
  }

  /** Runs a change of a function alone. */
  exclusively<T>(name: string, change: () => Promise<T>): Promise<T> {
    return this.#lock.run(name, change);
  }

  /** @throws AwsError ResourceConflictException, InvalidParameterValueException */
  async create(
    name: string,
    settings: FunctionSettings,
    code: LambdaCode,
    by: string,
  ): Promise<LambdaVersionRecord> {
    return await this.exclusively(name, async () => {
      const { store, plane, serving } = this.#deps;
      const app = lambdaAppOf(name);
      await this.refuseTaken(name);
      if (plane.live.environmentsOf(app).length > 0)
        throw conflict(`There is an app "${app}" already, which this function would need.`);
      await store.insertFunction({ name, app });
      try {
        const release = await serving.serve({ name, app, version: 0, settings, code }, by);
        const latest = this.#record(name, 0, release, settings, code);
        await store.activateFunction(latest);
        return latest;
      } catch (thrown) {
        await this.#undo(name, app);
        throw thrown;
      }
    });
  }

  /** @throws AwsError ResourceConflictException when there is such a function */
  async refuseTaken(name: string): Promise<void> {
    if ((await this.#deps.store.getFunction(name)) !== null)
      throw conflict(`Function already exist: ${name}`);
  }

  /** To be called within `exclusively`. @throws AwsError PreconditionFailedException, InvalidParameterValueException */
  async change(
    name: string,
    { settings, code, revision }: LatestChange,
    by: string,
  ): Promise<LambdaVersionRecord> {
    const { store, serving } = this.#deps;
    const { app, latest } = await this.latestOf(name);
    checkRevision(latest.revision, revision);
    const next = { settings: settings ?? settingsOf(latest), code: code ?? latest.code };
    const release = await serving.serve({ name, app, version: 0, ...next }, by);
    const record = this.#record(name, 0, release, next.settings, next.code);
    try {
      await store.saveVersion(record);
    } catch (thrown) {
      await this.#follow(app, latest);
      throw thrown;
    }
    return record;
  }

  /**
   * Publishes `$LATEST`; what has not changed since the last version is that version. Within `exclusively`.
   * @throws AwsError PreconditionFailedException, InvalidParameterValueException
   */
  async publish(
    name: string,
    given: {
      readonly description?: string | undefined;
      readonly codeSha256?: string | undefined;
      readonly revision?: string | undefined;
    },
    by: string,
  ): Promise<LambdaVersionRecord> {
    const { store, serving } = this.#deps;
    const { app, latest, versionsPublished } = await this.latestOf(name);
    checkRevision(latest.revision, given.revision);
    const sha256 = Buffer.from(latest.code.zip, 'hex').toString('base64');
    if (given.codeSha256 !== undefined && given.codeSha256 !== '' && given.codeSha256 !== sha256) {
      throw invalidParameter(
        `CodeSHA256 (${given.codeSha256}) is different from current CodeSHA256 in $LATEST (${sha256}). Please try again with the CodeSHA256 in $LATEST.`,
      );
    }
    const newest = await store.getVersion(name, versionsPublished);
    if (versionsPublished > 0 && newest !== null && isSame(newest, latest)) return newest;
    const version = versionsPublished + 1;
    const settings = settingsOf(latest);
    const described = { ...settings, Description: given.description ?? settings.Description };
    const release = await serving.serve({ name, app, version, settings, code: latest.code }, by);
    const record = this.#record(name, version, release, described, latest.code);
    await store.insertVersion(record);
    return record;
  }

  /** With all its versions. */
  async remove(name: string): Promise<void> {
    await this.exclusively(name, async () => {
      const { app } = await this.latestOf(name);
      await this.#deps.store.setFunctionState(name, 'deleting');
      await this.#undo(name, app);
    });
  }

  /** @throws AwsError ResourceConflictException (an alias needs it), ResourceNotFoundException */
  async removeVersion(name: string, version: number): Promise<void> {
    await this.exclusively(name, async () => {
      const { store, plane, arns } = this.#deps;
      const { app } = await this.latestOf(name);
      if ((await store.getVersion(name, version)) === null)
        throw notFound(`Function not found: ${arns.function(name, String(version))}`);
      const needing = (await store.listAliases(name)).filter(
        (alias) => alias.version === version || Object.hasOwn(alias.routing, String(version)),
      );
      if (needing.length > 0) {
        throw conflict(
          `Version ${version} is currently referenced by alias ${needing.map((alias) => alias.name).join(', ')}.`,
        );
      }
      await store.removeVersion(name, version);
      await plane.environments.remove(app, environmentOf(version));
    });
  }

  /** Brings apps and environments to what the records say; to be called once, before anything is served. */
  async recover(): Promise<void> {
    const { store, plane } = this.#deps;
    const releases = Map.groupBy(await store.listReleases(), (version) => version.function);
    for (const { name, app, state } of await store.listFunctions()) {
      if (state !== 'active') {
        await this.#undo(name, app);
        continue;
      }
      const versions = releases.get(name) ?? [];
      for (const version of versions) await this.#follow(app, version);
      const known = new Set(versions.map(({ version }) => environmentOf(version)));
      for (const { record } of plane.live.environmentsOf(app)) {
        if (versionOfEnvironment(record.name) !== null && !known.has(record.name))
          await plane.environments.remove(app, record.name);
      }
    }
  }

  /** @throws AwsError ResourceNotFoundException */
  async latestOf(name: string): Promise<{
    readonly app: string;
    readonly latest: LambdaVersionRecord;
    readonly versionsPublished: number;
  }> {
    const { store, arns } = this.#deps;
    const fn = await store.getFunction(name);
    const latest = fn?.state === 'active' ? await store.getVersion(name, 0) : null;
    if (fn === null || latest === null) throw notFound(`Function not found: ${arns.function(name)}`);
    return { app: fn.app, latest, versionsPublished: fn.versionsPublished };
  }

  /** Serves what the record says, if something else is served. */
  async #follow(
    app: string,
    { version, release }: Pick<LambdaVersionRecord, 'version' | 'release'>,
  ): Promise<void> {
    const { plane } = this.#deps;
    const environment = environmentOf(version);
    if (plane.live.find(app, environment)?.record.traffic.stable === release) return;
    await plane.environments.promote(
      app,
      environment,
      { release, reason: 'As the Lambda API says.' },
      'mayfly',
    );
  }

  async #undo(name: string, app: string): Promise<void> {
    const { plane, store } = this.#deps;
    try {
      await plane.releases.remove(app);
    } catch (thrown) {
      if (!(thrown instanceof MayflyError) || thrown.code !== 'APP_NOT_FOUND') throw thrown;
    }
    await store.removeFunction(name);
  }

  #record(
    name: string,
    version: number,
    release: string,
    settings: FunctionSettings,
    code: LambdaCode,
  ): LambdaVersionRecord {
    return {
      function: name,
      version,
      revision: randomUUID(),
      modifiedAt: this.#deps.clock.wall(),
      release,
      configuration: settings as unknown as LambdaDocument,
      code,
    };
  }
}

/** @throws AwsError PreconditionFailedException */
export function checkRevision(current: string, given: string | undefined): void {
  if (given === undefined || given === current) return;
  const message =
    'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id';
  throw new AwsError('PreconditionFailedException', 412, message);
}

/** Whether publishing would make the same version again; only the description may differ. */
function isSame(one: LambdaVersionRecord, other: LambdaVersionRecord): boolean {
  const content = (record: LambdaVersionRecord): string =>
    JSON.stringify([record.code.zip, { ...record.configuration, Description: '' }]);
  return content(one) === content(other);
}
