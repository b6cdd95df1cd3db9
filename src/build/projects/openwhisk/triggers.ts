import type { TriggerFile } from '../../trigger-schema.ts';
import type { Section } from '../section.ts';
import { readParameters } from './parameters.ts';

/** Rules join triggers and actions. @returns what leads to an action, by the action's name */
export function readTriggers(
  section: Section,
  fill: (text: string) => string,
): ReadonlyMap<string, readonly TriggerFile[]> {
  const triggers = new Map<string, TriggerFile>();
  for (const [name, trigger] of section.section('triggers')?.members() ?? []) {
    triggers.set(name, readTrigger(name, trigger, fill));
  }
  const found = new Map<string, TriggerFile[]>();
  for (const [, rule] of section.section('rules')?.members() ?? []) {
    rule.pass('rule', 'name', 'description');
    const from = lastPart(rule.text('trigger'));
    const action = lastPart(rule.text('action'));
    const trigger = triggers.get(from);
    if (trigger === undefined)
      rule.tell('trigger', { severity: 'ignored', means: `there is no trigger "${from}" here` });
    else found.set(action, [...(found.get(action) ?? []), trigger]);
    const isSequence = section.section('sequences')?.has(action) === true;
    if (isSequence) rule.tell('action', { severity: 'later', means: 'it leads to a sequence' });
  }
  return found;
}

const lastPart = (path = ''): string => path.split('/').at(-1) ?? '';

function readTrigger(name: string, section: Section, fill: (text: string) => string): TriggerFile {
  const feed = section.text('feed') ?? section.text('source');
  section.pass('source');
  section.leave('ignored', {
    namespace: 'apps and environments are what namespaces are there',
    credential: 'it is about the other service',
    annotations: 'nothing here reads annotations',
  });
  const inputs = section.section('inputs');
  const values = inputs === undefined ? {} : readParameters(inputs, fill);
  for (const key of Object.keys(values)) {
    if (feed !== undefined && FEED_INPUTS.has(key)) continue;
    const means = 'events bring their own data; what a trigger adds to them is left out';
    inputs?.tell(key, { severity: 'ignored', means });
  }
  if (feed === undefined) return { event: name };
  const text = (key: string): string | undefined => {
    const value = values[key];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  const made = /\/alarms\//.test(feed) ? readAlarm(feed, text, values) : readSource(feed, text);
  if (made === null) {
    section.tell('feed', {
      severity: 'later',
      means: `events of ${feed} are not fetched; the trigger waits for events of the type "${name}"`,
    });
    return { event: name };
  }
  if (!('schedule' in made)) {
    section.tell('feed', {
      severity: 'later',
      means: `events of ${feed} are not fetched; the trigger is kept for a source of that name here`,
    });
  }
  return made;
}

/** What tells a feed which events to send. */
const FEED_INPUTS: ReadonlySet<string> = new Set([
  'cron',
  'minutes',
  'date',
  'trigger_payload',
  'timezone',
  'topic',
  'dbname',
  'bucket',
]);

/** `/whisk.system/alarms/{alarm,interval,once}`. */
function readAlarm(
  feed: string,
  text: (key: string) => string | undefined,
  values: Readonly<Record<string, unknown>>,
): TriggerFile | null {
  const payload = values.trigger_payload;
  const timezone = text('timezone');
  const more = {
    ...(payload === undefined ? {} : { input: payload }),
    ...(timezone === undefined ? {} : { timezone }),
  };
  const [minutes, date, cron] = [text('minutes'), text('date'), text('cron')];
  if (feed.endsWith('/interval') && minutes !== undefined)
    return { schedule: { every: `${minutes}m`, ...more } };
  if (feed.endsWith('/once') && date !== undefined) {
    const time = /^\d+$/.test(date) ? new Date(Number(date)).toISOString() : date;
    return { schedule: { at: time, ...more } };
  }
  return cron === undefined ? null : { schedule: { cron, ...more } };
}

function readSource(feed: string, text: (key: string) => string | undefined): TriggerFile | null {
  const topic = text('topic');
  const database = text('dbname');
  const bucket = text('bucket');
  if (/\/messaging\/|kafka/i.test(feed) && topic !== undefined) return { stream: topic };
  if (/\/cloudant\/|couchdb/i.test(feed) && database !== undefined)
    return { stream: { name: database, of: 'table' } };
  if (/\/cos\//.test(feed) && bucket !== undefined) return { object: bucket };
  return null;
}
