import { parseDuration } from '../kit/quantity.ts';
import { usageError } from './errors.ts';

/** `90s`, `5m`, `2h`, `7d` → ms. @throws MayflyError USAGE */
export function parseSpan(text: string): number {
  const ms = parseDuration(text.trim());
  if (ms === null) {
    throw usageError(`"${text}" is no span of time; write a number and ms, s, m, h or d, such as 5m.`);
  }
  return ms;
}

/** A span before `now` (`5m`), or an ISO 8601 date or time → ms since the epoch. @throws MayflyError USAGE */
export function parseSince(text: string, now: number): number {
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return now - parseSpan(text);
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw usageError(`"${text}" is no ISO 8601 date.`);
  return time;
}
