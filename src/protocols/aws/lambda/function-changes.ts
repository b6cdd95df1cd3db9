import { randomUUID } from 'node:crypto';
import type { ControlPlane } from '../../../controlplane/control-plane.ts';
import { KeyedLock } from '../../../kit/keyed-lock.ts';
import type { Clock } from '../../../ports/clock.ts';
import type {
  LambdaCode,
  LambdaDocument,
  LambdaStore,
  LambdaVersionRecord,
} from '../../../ports/lambda-store.ts';
import { AwsError, conflict, invalidParameter, notFound } from '../aws-error.ts';
import type { LambdaCheckpoint } from './checkpoint.ts';
import type { FunctionReleases } from './function-releases.ts';
import { type FunctionSettings, settingsOf } from './function-settings.ts';
import { lambdaAppOf } from './lambda-app.ts';
import type { Arns } from './names.ts';
import { TAGS_KIND } from './tags.ts';

interface FunctionChangesDeps {
  readonly store: LambdaStore;
  readonly plane: Pick<ControlPlane, 'live'>;
  readonly serving: FunctionReleases;
  readonly clock: Clock;
  readonly arns: Arns;
  readonly checkpoint: LambdaCheckpoint;
}

/** What a new function is made of. */
export interface NewFunction {
  readonly settings: FunctionSettings;
  readonly code: LambdaCode;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** As version 1 as well. */
  readonly publish: boolean;
}

/** What a new version of `$LATEST` is made of; absent: as before. */
export interface LatestChange {
  readonly settings?: FunctionSettings;
  readonly code?: LambdaCode;
  /** What the caller believes to be changing. */
  readonly revision?: string | undefined;
  /** Whether to publish it as well. */
  readonly publish?: boolean;
}

/**
 * Makes, changes and removes functions: one change of a function at a time. The record in the store is what counts; the app and
 * its environments follow it, and are brought to it again at the next start if the node ends in between (`recover`). What one request asks
 * for is one transaction: a function is not there without its tags, nor an update without the version that it was to be.
 *
 * ```
 * create   reserve the name → serve (→ in `v1`) → activate the record    before the last step there is no function
 * update   serve (→ in `vN`) → save the records                          before the last step it is the old one
 * publish  serve in `vN` → insert the record
 * remove   mark → remove the app → remove the record                     after the first step it is gone
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

  /** Answers version 1 when it is to be published, else `$LATEST`. @throws AwsError ResourceConflictException, InvalidParameterValueException */
  async create(
    name: string,
    { settings, code, tags, publish }: NewFunction,
    by: string,
  ): Promise<LambdaVersionRecord> {
    return await this.exclusively(name, async () => {
      const { store, plane, serving, checkpoint } = this.#deps;
      const app = lambdaAppOf(name);
      await this.refuseTaken(name);
      if (plane.live.environmentsOf(app).length > 0)
        throw conflict(`There is an app "${app}" already, which this function would need.`);
      await store.insertFunction({ name, app });
      checkpoint('create.reserved');
      try {
        const release = await serving.serve({ name, app, version: 0, settings, code }, by);
        checkpoint('create.served');
        const latest = this.#record(name, 0, release, settings, code);
        const published = publish ? await this.#serveNext({ app, latest, number: 1 }, by) : null;
        const setting = { function: name, qualifier: '', kind: TAGS_KIND, modifiedAt: latest.modifiedAt };
        await store.activateFunction(latest, {
          published,
          settings: tags === undefined ? [] : [{ ...setting, value: tags }],
        });
        checkpoint('create.activated');
        return published ?? latest;
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

  /**
   * Answers the published version when it is to be published, else `$LATEST`. To be called within `exclusively`.
   * @throws AwsError PreconditionFailedException, InvalidParameterValueException
   */
  async change(
    name: string,
    { settings, code, revision, publish = false }: LatestChange,
    by: string,
  ): Promise<LambdaVersionRecord> {
    const { store, serving, checkpoint } = this.#deps;
    const { app, latest, versionsPublished } = await this.latestOf(name);
    checkRevision(latest.revision, revision);
    const next = { settings: settings ?? settingsOf(latest), code: code ?? latest.code };
    const release = await serving.serve({ name, app, version: 0, ...next }, by);
    checkpoint('update.served');
    const record = this.#record(name, 0, release, next.settings, next.code);
    try {
      const same = publish ? await this.#sameAs(record, versionsPublished) : null;
      const isNew = publish && same === null;
      const published = isNew
        ? await this.#serveNext({ app, latest: record, number: versionsPublished + 1 }, by)
        : same;
      await this.#orWithdraw(app, isNew ? published : null, () =>
        store.saveVersion(record, isNew ? published : null),
      );
      checkpoint('update.saved');
      return published ?? record;
    } catch (thrown) {
      await serving.follow(app, latest);
      throw thrown;
    }
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
    const { store, checkpoint } = this.#deps;
    const { app, latest, versionsPublished } = await this.latestOf(name);
    checkRevision(latest.revision, given.revision);
    const sha256 = Buffer.from(latest.code.zip, 'hex').toString('base64');
    if (given.codeSha256 !== undefined && given.codeSha256 !== '' && given.codeSha256 !== sha256) {
      throw invalidParameter(
        `CodeSHA256 (${given.codeSha256}) is different from current CodeSHA256 in $LATEST (${sha256}). Please try again with the CodeSHA256 in $LATEST.`,
      );
    }
    const same = await this.#sameAs(latest, versionsPublished);
    if (same !== null) return same;
    const { description } = given;
    const record = await this.#serveNext({ app, latest, number: versionsPublished + 1, description }, by);
    await this.#orWithdraw(app, record, () => store.insertVersion(record));
    checkpoint('publish.saved');
    return record;
  }

  /** With all its versions. */
  async remove(name: string): Promise<void> {
    await this.exclusively(name, async () => {
      const { store, checkpoint } = this.#deps;
      const { app } = await this.latestOf(name);
      await store.setFunctionState(name, 'deleting');
      checkpoint('remove.marked');
      await this.#undo(name, app);
      checkpoint('remove.done');
    });
  }

  /** @throws AwsError ResourceConflictException (an alias needs it), ResourceNotFoundException */
  async removeVersion(name: string, version: number): Promise<void> {
    await this.exclusively(name, async () => {
      const { store, serving, arns, checkpoint } = this.#deps;
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
      checkpoint('version.removed');
      await serving.withdraw(app, version);
      checkpoint('version.withdrawn');
    });
  }

  /** Brings apps and environments to what the records say; to be called once, before anything is served. */
  async recover(): Promise<void> {
    const { store, serving } = this.#deps;
    const releases = Map.groupBy(await store.listReleases(), (version) => version.function);
    for (const { name, app, state } of await store.listFunctions()) {
      if (state !== 'active') {
        await this.#undo(name, app);
        continue;
      }
      const versions = releases.get(name) ?? [];
      for (const version of versions) await serving.follow(app, version);
      await serving.withdrawAllBut(app, new Set(versions.map(({ version }) => version)));
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

  /** The newest version, if publishing would make the same again; null: it would not. */
  async #sameAs(latest: LambdaVersionRecord, newestNumber: number): Promise<LambdaVersionRecord | null> {
    const newest =
      newestNumber === 0 ? null : await this.#deps.store.getVersion(latest.function, newestNumber);
    return newest !== null && isSame(newest, latest) ? newest : null;
  }

  /** Serves `$LATEST` as a version, and answers that version's record, which nobody has written yet. */
  async #serveNext(
    next: {
      readonly app: string;
      readonly latest: LambdaVersionRecord;
      readonly number: number;
      readonly description?: string | undefined;
    },
    by: string,
  ): Promise<LambdaVersionRecord> {
    const { serving, checkpoint } = this.#deps;
    const { app, latest, number: version, description } = next;
    const { function: name, code } = latest;
    const settings = settingsOf(latest);
    const release = await serving.serve({ name, app, version, settings, code }, by);
    checkpoint('publish.served');
    const described = { ...settings, Description: description ?? settings.Description };
    return this.#record(name, version, release, described, code);
  }

  /** Writes; serves the version that would be new no more when that fails. */
  async #orWithdraw(
    app: string,
    fresh: LambdaVersionRecord | null,
    write: () => Promise<void>,
  ): Promise<void> {
    try {
      await write();
    } catch (thrown) {
      if (fresh !== null) await this.#deps.serving.withdraw(app, fresh.version);
      throw thrown;
    }
  }

  async #undo(name: string, app: string): Promise<void> {
    const { serving, store, checkpoint } = this.#deps;
    await serving.withdrawAll(app);
    checkpoint('remove.withdrawn');
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
