import type { Transaction } from 'kysely';
import { MayflyError } from '../../domain/errors.ts';
import {
  type EnvironmentChange,
  type EnvironmentRecord,
  HISTORY_KEPT_MAX,
} from '../../ports/release-store.ts';
import { environmentOf, rowOfEnvironment } from './release-rows.ts';
import type { Schema } from './schema.ts';

/** Writes an environment's next state and the entry of its history. @throws MayflyError CONFLICT, RELEASE_NOT_FOUND */
export async function writeEnvironment(
  tx: Transaction<Schema>,
  change: EnvironmentChange,
): Promise<EnvironmentRecord> {
  const { app, name, kind, traffic, at } = change;
  const row = await tx
    .selectFrom('environments')
    .selectAll()
    .where('app', '=', app)
    .where('name', '=', name)
    .executeTakeFirst();
  const before = row === undefined ? null : environmentOf(row);
  const revision = before?.revision ?? 0;
  if (revision !== change.revision) {
    throw new MayflyError(
      'CONFLICT',
      `The environment ${app}/${name} was changed meanwhile: it is at revision ${revision}, not ${change.revision}.`,
    );
  }
  await mustBeKept(tx, change);
  const moved = before === null || before.traffic.stable !== traffic.stable;
  const next: EnvironmentRecord = {
    app,
    name,
    kind,
    traffic,
    activatedAt: moved ? at : before.activatedAt,
    revision: revision + 1,
    createdAt: before?.createdAt ?? at,
  };
  const { app: _app, name: _name, ...columns } = rowOfEnvironment(next);
  await tx
    .insertInto('environments')
    .values(rowOfEnvironment(next))
    .onConflict((conflict) => conflict.columns(['app', 'name']).doUpdateSet(columns))
    .execute();
  await writeHistory(tx, change, next.revision);
  return next;
}

/** What it is going to serve must be there; what it once served may be gone. */
async function mustBeKept(
  tx: Transaction<Schema>,
  { app, traffic: { stable, canary } }: EnvironmentChange,
): Promise<void> {
  for (const release of [stable, canary?.release ?? null]) {
    if (release === null) continue;
    const found = await tx
      .selectFrom('releases')
      .select('id')
      .where('app', '=', app)
      .where('id', '=', release)
      .executeTakeFirst();
    if (found === undefined)
      throw new MayflyError('RELEASE_NOT_FOUND', `App ${app} has no release ${release}.`);
  }
}

async function writeHistory(tx: Transaction<Schema>, change: EnvironmentChange, seq: number): Promise<void> {
  const { app, name: environment, at, by, action, reason, traffic } = change;
  await tx
    .insertInto('history')
    .values({
      app,
      environment,
      seq,
      at,
      by,
      action,
      release: traffic.stable,
      canary_release: traffic.canary?.release ?? null,
      canary_weight: traffic.canary?.weight ?? null,
      reason,
    })
    .execute();
  await tx
    .deleteFrom('history')
    .where('app', '=', app)
    .where('environment', '=', environment)
    .where('seq', '<=', seq - HISTORY_KEPT_MAX)
    .execute();
}
