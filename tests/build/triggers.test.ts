import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Check } from 'typebox/value';
import { formatProblem } from '../../src/build/problem.ts';
import { TriggerSchema } from '../../src/contract/triggers.ts';
import { AppFolder, functionOf } from './app-folder.ts';

const SMALL = 'export default () => 1;\n';
const withTriggers = (text: string) => ({ 'functions/a.ts': SMALL, 'mayfly.yaml': text });

test('every kind of trigger is read, in its short and in its long form, and stands in the manifest', async () => {
  await using app = await AppFolder.create(
    withTriggers(`
functions:
  a:
    routes: []
    triggers:
      - schedule: every 5m
      - schedule: 0 9 * * 1-5
      - schedule: { at: 2027-01-31T09:00:00, timezone: Europe/Berlin, input: { a: [1] } }
      - queue: orders
      - queue: { name: orders, batch: 5, window: 30s, parallel: 3, partialFailures: true, filters: [{ body: { a: [1] } }] }
        enabled: false
      - topic: { name: news, filter: { kind: [urgent] }, filterOn: body }
      - object: { bucket: photos, events: [created, removed], prefix: in/, suffix: .jpg }
      - stream: { name: users, of: table, from: oldest, retries: 3, maxAge: 1h, bisect: true }
      - event: com.example.paid
      - event: { bus: shop, pattern: { type: [paid], source: [{ prefix: eu }] } }
      - websocket: $connect
      - mqtt: plant/+/temperature
      - auth: pre-sign-up
      - log: { group: api, filter: ERROR }
`),
  );
  const { triggers = [] } = functionOf(await app.build(), 'a');
  for (const trigger of triggers) assert.ok(Check(TriggerSchema, trigger), JSON.stringify(trigger));
  assert.equal(triggers.length, 14);
  const schedule = {
    kind: 'schedule',
    enabled: true,
    everyMs: null,
    cron: null,
    at: null,
    timezone: 'UTC',
    input: null,
  };
  assert.deepEqual(triggers.slice(0, 3), [
    { ...schedule, everyMs: 300_000 },
    { ...schedule, cron: '0 9 * * 1-5' },
    { ...schedule, at: '2027-01-31T09:00:00', timezone: 'Europe/Berlin', input: { a: [1] } },
  ]);
  assert.deepEqual(triggers[4], {
    kind: 'queue',
    enabled: false,
    queue: 'orders',
    batch: 5,
    windowMs: 30_000,
    parallel: 3,
    partialFailures: true,
    filters: [{ body: { a: [1] } }],
  });
  assert.deepEqual(triggers[8], {
    kind: 'event',
    enabled: true,
    bus: 'default',
    pattern: { type: ['com.example.paid'] },
    input: null,
  });
});

test('an app without triggers has the manifest that it always had', async () => {
  await using app = await AppFolder.create({ 'functions/a.ts': SMALL });
  assert.equal('triggers' in functionOf(await app.build(), 'a'), false);
});

test('what is wrong with a trigger is told at its place', async () => {
  await using app = await AppFolder.create(
    withTriggers(`functions:
  a:
    triggers:
      - { queue: a, topic: b }
      - enabled: true
      - schedule: hourly
      - schedule: { cron: 0 9 * * *, every: 5m }
      - schedule: every 100ms
      - queue: { name: q, window: 1h }
`),
  );
  const { list } = await app.problems();
  assert.deepEqual(list.map(formatProblem), [
    'mayfly.yaml:4:9: functions.a.triggers[0] names several event sources: queue, topic',
    'mayfly.yaml:5:9: functions.a.triggers[1] names no event source',
    'mayfly.yaml:6:19: functions.a.triggers[2].schedule has the cron expression "hourly", which has neither 5, 6 nor 7 fields',
    'mayfly.yaml:7:19: functions.a.triggers[3].schedule needs one of "every", "cron" and "at"',
    'mayfly.yaml:8:19: functions.a.triggers[4].schedule must be from 1s to 366d, not 100',
    'mayfly.yaml:9:35: functions.a.triggers[5].queue.window must be from 0ms to 5m, not "1h"',
  ]);
});

test('with "discover: false" only what is named is a function', async () => {
  await using app = await AppFolder.create({
    'functions/a.ts': SMALL,
    'functions/b.ts': SMALL,
    'mayfly.yaml': 'discover: false\nfunctions: { b: { handler: functions/b.ts } }\n',
  });
  assert.deepEqual(
    (await app.load()).functions.map(({ name }) => name),
    ['b'],
  );
});
