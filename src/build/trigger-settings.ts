import type { TriggerKind, TriggerManifest } from '../contract/triggers.ts';
import { DURATION_PATTERN, parseDuration } from '../kit/quantity.ts';
import { readDuration } from './limit-settings.ts';
import { type KeyPath, sayPath } from './schema-mismatch.ts';
import type { TriggerFile } from './trigger-schema.ts';

type Fail = (path: KeyPath, message: string) => void;
type Long<K extends TriggerKind> = Exclude<NonNullable<TriggerFile[K]>, string>;

const windowMaxMs = 300_000;
const ageMaxMs = 14 * 86_400_000;
const yearMs = 366 * 86_400_000;

/**
 * One entry of `triggers` with every default filled in.
 * @param path where it stands, for problems
 * @returns null when it names no source, or several; told by `fail`
 */
export function readTrigger(entry: TriggerFile, path: KeyPath, fail: Fail): TriggerManifest | null {
  const { enabled = true, ...sources } = entry;
  const kinds = Object.keys(sources) as TriggerKind[];
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const fault =
      kind === undefined ? 'names no event source' : `names several event sources: ${kinds.join(', ')}`;
    fail(path, `${sayPath(path)} ${fault}`);
    return null;
  }
  return { enabled, ...readSource(kind, entry, [...path, kind], fail) } as TriggerManifest;
}

function readSource(kind: TriggerKind, entry: TriggerFile, path: KeyPath, fail: Fail) {
  const span = (key: string, value: unknown, mostMs: number) =>
    readDuration({ value, path: [...path, key] }, 0, 0, mostMs, fail);
  switch (kind) {
    case 'schedule':
      return readSchedule(entry.schedule ?? '', path, fail);
    case 'queue': {
      const { name, batch, window, parallel, partialFailures, filters } = longForm<'queue'>(
        entry.queue,
        'name',
      );
      return {
        kind,
        queue: name,
        batch: batch ?? 10,
        windowMs: span('window', window, windowMaxMs),
        parallel: parallel ?? null,
        partialFailures: partialFailures ?? false,
        filters: filters ?? [],
      };
    }
    case 'topic': {
      const { name, filter, filterOn } = longForm<'topic'>(entry.topic, 'name');
      return { kind, topic: name, filter: filter ?? null, filterOn: filterOn ?? 'attributes' };
    }
    case 'object': {
      const { bucket, events, prefix, suffix } = longForm<'object'>(entry.object, 'bucket');
      return { kind, bucket, events: events ?? ['created'], prefix: prefix ?? '', suffix: suffix ?? '' };
    }
    case 'stream': {
      const given = longForm<'stream'>(entry.stream, 'name');
      return {
        kind,
        of: given.of ?? 'log',
        stream: given.name,
        from: given.from ?? 'latest',
        batch: given.batch ?? 100,
        windowMs: span('window', given.window, windowMaxMs),
        parallel: given.parallel ?? 1,
        retries: given.retries ?? null,
        maxAgeMs: given.maxAge === undefined ? null : span('maxAge', given.maxAge, ageMaxMs),
        bisect: given.bisect ?? false,
        partialFailures: given.partialFailures ?? false,
        filters: given.filters ?? [],
      };
    }
    case 'event': {
      const given = entry.event ?? '';
      const { bus, pattern, input } = typeof given === 'string' ? { pattern: { type: [given] } } : given;
      return { kind, bus: bus ?? 'default', pattern: pattern ?? {}, input: input ?? null };
    }
    case 'websocket':
      return { kind, route: entry.websocket ?? '$default' };
    case 'mqtt': {
      const { topic, where } = longForm<'mqtt'>(entry.mqtt, 'topic');
      return { kind, topic, where: where ?? null };
    }
    case 'auth': {
      const { on, pool } = longForm<'auth'>(entry.auth, 'on');
      return { kind, on, pool: pool ?? null };
    }
    case 'log': {
      const { group, filter } = longForm<'log'>(entry.log, 'group');
      return { kind, group, filter: filter ?? '' };
    }
  }
}

/** A source that was written as one word, as the mapping that it stands for. */
function longForm<K extends TriggerKind>(given: TriggerFile[K], key: string): Long<K> {
  return (typeof given === 'string' ? { [key]: given } : given) as Long<K>;
}

function readSchedule(given: NonNullable<TriggerFile['schedule']>, path: KeyPath, fail: Fail) {
  const written: Long<'schedule'> = typeof given === 'string' ? splitSchedule(given) : given;
  const { every, cron, at, timezone, input } = written;
  if ([every, cron, at].filter((value) => value !== undefined).length !== 1) {
    fail(path, `${sayPath(path)} needs one of "every", "cron" and "at"`);
  }
  if (cron !== undefined && ![5, 6, 7].includes(cron.trim().split(/\s+/).length)) {
    fail(path, `${sayPath(path)} has the cron expression "${cron}", which has neither 5, 6 nor 7 fields`);
  }
  if (at !== undefined && Number.isNaN(Date.parse(at)))
    fail(path, `${sayPath(path)} has the time "${at}", which is none`);
  const value = typeof every === 'string' ? (parseDuration(every) ?? every) : every;
  return {
    kind: 'schedule',
    everyMs: value === undefined ? null : readDuration({ value, path }, 1_000, 1_000, yearMs, fail),
    cron: cron ?? null,
    at: at ?? null,
    timezone: timezone ?? 'UTC',
    input: input ?? null,
  };
}

/** `every 5m`, `at 2027-01-31T09:00:00`; everything else is a cron expression. */
function splitSchedule(text: string): Long<'schedule'> {
  const [, word, rest = ''] = /^(every|at)\s+(.+)$/.exec(text.trim()) ?? [];
  if (word === 'at') return { at: rest };
  if (word === 'every' && new RegExp(DURATION_PATTERN).test(rest)) return { every: rest };
  return { cron: text };
}
