import { isDeepStrictEqual } from 'node:util';
import { sql, type Transaction } from 'kysely';
import { MayflyError } from '../../domain/errors.ts';
import type { ReleasePruning, ReleaseRecord } from '../../ports/release-store.ts';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';

/** Keeps a release; the same content again only counts as deployed anew. @throws MayflyError CONFLICT */
export async function keepRelease(tx: Transaction<Schema>, release: ReleaseRecord): Promise<void> {
  const { app, id, createdAt, manifest } = release;
  const known = await tx
    .selectFrom('releases')
    .select('manifest')
    .where('app', '=', app)
    .where('id', '=', id)
    .executeTakeFirst();
  const text = JSON.stringify(manifest);
  const deploy_order = sql<number>`(select coalesce(max(deploy_order), 0) + 1 from releases where app = ${app})`;
  if (known !== undefined) {
    if (known.manifest !== text && !isDeepStrictEqual(JSON.parse(known.manifest), JSON.parse(text))) {
      throw new MayflyError('CONFLICT', `The release ${id} of ${app} is kept with other content.`);
    }
    await tx
      .updateTable('releases')
      .set({ deployed_at: createdAt, deploy_order })
      .where('app', '=', app)
      .where('id', '=', id)
      .execute();
    return;
  }
  const { createdBy, message } = release;
  await tx
    .insertInto('releases')
    .values({
      app,
      id,
      created_at: createdAt,
      deployed_at: createdAt,
      deploy_order,
      created_by: createdBy,
      message,
      manifest: text,
    })
    .execute();
  // One statement however many there are: 10,000 would hold up the event loop.
  const artifacts = [...new Set(manifest.functions.map((fn) => fn.artifact))];
  await sql`
    insert into release_artifacts (app, release, artifact)
    select ${app}, ${id}, value from json_each(${JSON.stringify(artifacts)})
  `.execute(tx);
}

/** One statement, so that nothing can begin to need a release between the question and its end. */
export async function pruneReleases(db: Database, pruning: ReleasePruning): Promise<number> {
  const { app, keep, before, pastKept } = pruning;
  const { numAffectedRows } = await sql`
    delete from releases
    where app = ${app}
      and (
        deployed_at < ${before}
        or id not in (
          select id from releases where app = ${app} order by deploy_order desc limit ${keep}
        )
      )
      and id not in (select stable from environments where app = ${app} and stable is not null)
      and id not in (select canary_release from environments where app = ${app} and canary_release is not null)
      and id not in (
        select past.value from environments, json_each(environments.past) as past
        where environments.app = ${app} and past.key >= json_array_length(environments.past) - ${pastKept}
      )
      and id not in (
        select release from async_calls where app = ${app} and state <> 'dead' and release is not null
      )
  `.execute(db);
  return Number(numAffectedRows ?? 0n);
}
