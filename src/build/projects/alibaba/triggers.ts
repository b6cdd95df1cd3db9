import type { TriggerFile } from '../../trigger-schema.ts';
import type { Section } from '../section.ts';

/** A trigger that is no HTTP, of either generation. */
export function readEventTrigger(kind: string, trigger: Section, config: Section | undefined): TriggerFile[] {
  const off = config?.flag('enable') === false ? { enabled: false } : {};
  const made = makeTrigger(kind, trigger, config);
  config?.leaveRest('ignored', 'it is about the other service');
  if (made === null) {
    trigger.tellAt(trigger.path, {
      severity: 'ignored',
      means: `Mayfly has no event source of the kind "${kind}"`,
    });
    return [];
  }
  if (kind !== 'timer') {
    const means = `events of this ${kind} are not fetched; the trigger is kept for a source of that name here`;
    trigger.tellAt(trigger.path, { severity: 'later', means });
  }
  return [{ ...made, ...off }];
}

function makeTrigger(kind: string, trigger: Section, config: Section | undefined): TriggerFile | null {
  switch (kind) {
    case 'timer': {
      const payload = config?.text('payload');
      const schedule = readTimer(config?.text('cronExpression') ?? '');
      return { schedule: { ...schedule, ...(payload === undefined ? {} : { input: payload }) } };
    }
    case 'oss': {
      const key = config?.section('filter')?.section('key');
      const prefix = config?.text('filterPrefix') ?? key?.text('Prefix') ?? key?.text('prefix');
      const suffix = config?.text('filterSuffix') ?? key?.text('Suffix') ?? key?.text('suffix');
      key?.pass(...key.keys);
      config?.section('filter')?.pass('key');
      const events = config?.texts('events') ?? [];
      const removed = events.some((event) => event.includes('ObjectRemoved'));
      const created = events.length === 0 || events.some((event) => !event.includes('ObjectRemoved'));
      return {
        object: {
          bucket: config?.text('bucketName') ?? subjectOf(trigger) ?? 'bucket',
          events: [...(created ? (['created'] as const) : []), ...(removed ? (['removed'] as const) : [])],
          ...(prefix === undefined || prefix === '' ? {} : { prefix }),
          ...(suffix === undefined || suffix === '' ? {} : { suffix }),
        },
      };
    }
    case 'mns_topic':
      return { topic: config?.text('topicName') ?? subjectOf(trigger) ?? 'topic' };
    case 'log':
      return { log: config?.section('sourceConfig')?.text('logstore') ?? 'logstore' };
    case 'tablestore':
      return { stream: { name: config?.text('tableName') ?? subjectOf(trigger) ?? 'table', of: 'table' } };
    case 'eventbridge':
      return { event: { pattern: {} } };
    case 'cdn_events':
      return null;
    default:
      return null;
  }
}

/** `acs:oss:cn-hangzhou:123:photos` → `photos`. */
function subjectOf(trigger: Section): string | undefined {
  return trigger.text('sourceArn')?.split(/[:/]/).at(-1);
}

/** `@every 5m`; six fields, the first the seconds; a `CRON_TZ=Asia/Shanghai` in front says whose clock. */
function readTimer(written: string): { cron: string; timezone?: string } | { every: string } {
  const every = /^@every\s+(\S+)$/.exec(written.trim())?.[1];
  if (every !== undefined) return { every };
  const zone = /^(?:CRON_)?TZ=(\S+)\s+(.*)$/.exec(written.trim());
  return zone === null ? { cron: written } : { cron: zone[2] ?? '', timezone: zone[1] ?? 'UTC' };
}
