import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAwsSchedule } from './aws-schedule.ts';

test('rates, cron expressions and times are read', () => {
  assert.deepEqual(readAwsSchedule('rate(1 minute)'), { every: '1m' });
  assert.deepEqual(readAwsSchedule(' rate( 12 hours ) '), { every: '12h' });
  assert.deepEqual(readAwsSchedule('rate(7 days)'), { every: '7d' });
  assert.deepEqual(readAwsSchedule('at(2027-01-31T09:00:00)'), { at: '2027-01-31T09:00:00' });
  assert.deepEqual(readAwsSchedule('cron(0/15 * * * ? *)'), { cron: '0/15 * * * *' });
});

test('weekdays are counted from Sunday as 0, and a year makes seven fields', () => {
  assert.deepEqual(readAwsSchedule('cron(0 10 ? * 1 *)'), { cron: '0 10 * * 0' });
  assert.deepEqual(readAwsSchedule('cron(0 10 ? * 2-6 *)'), { cron: '0 10 * * 1-5' });
  assert.deepEqual(readAwsSchedule('cron(0 10 ? * 6L *)'), { cron: '0 10 * * 5L' });
  assert.deepEqual(readAwsSchedule('cron(0 10 ? * 3#2 *)'), { cron: '0 10 * * 2#2' });
  assert.deepEqual(readAwsSchedule('cron(0 10 ? * MON,FRI 2027)'), { cron: '0 0 10 * * MON,FRI 2027' });
});

test('anything else is no schedule', () => {
  for (const text of ['', 'hourly', 'rate(5)', 'rate(5 weeks)', 'cron(* * * * *)', 'cron()', '0 0 * * *']) {
    assert.equal(readAwsSchedule(text), null, text);
  }
});
