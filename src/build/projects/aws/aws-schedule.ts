import type { TriggerFile } from '../../trigger-schema.ts';

const UNITS: Readonly<Record<string, string>> = { minute: 'm', hour: 'h', day: 'd', second: 's' };

/**
 * `rate(5 minutes)`, `cron(0 12 * * ? *)` and `at(2027-01-31T09:00:00)` as a schedule.
 * @returns null when it is none of them
 */
export function readAwsSchedule(text: string): NonNullable<Exclude<TriggerFile['schedule'], string>> | null {
  const [, word, inner = ''] = /^\s*(rate|cron|at)\s*\(\s*(.*?)\s*\)\s*$/.exec(text) ?? [];
  if (word === 'at') return { at: inner };
  if (word === 'rate') {
    const [, count, unit = ''] = /^(\d+)\s+([a-z]+?)s?$/.exec(inner) ?? [];
    return count === undefined || UNITS[unit] === undefined ? null : { every: `${count}${UNITS[unit]}` };
  }
  return word === 'cron' ? readCron(inner) : null;
}

/** AWS has minute, hour, day, month, weekday and year, counts weekdays from 1 (Sunday), and needs a `?`. */
function readCron(text: string): { cron: string } | null {
  const fields = text.split(/\s+/);
  if (fields.length !== 6) return null;
  const [minute, hour, day, month, weekday, year] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const days = weekday
    .replace('?', '*')
    .replace(/(^|[,-])([1-7])(?=$|[,\-#L])/g, (_, before, digit) => `${before}${digit - 1}`);
  const five = [minute, hour, day.replace('?', '*'), month, days].join(' ');
  return { cron: year === '*' ? five : `0 ${five} ${year}` };
}
