import type { LogLine } from '../contract/control-api.ts';
import { formatTime } from './format.ts';
import { type Paint, printable } from './paint.ts';

const LEVEL_STYLE = { debug: 'gray', info: 'cyan', warn: 'yellow', error: 'red' } as const;

/** `time level function message fields`, one log line for people; further lines of a message stand as they are. */
export function logText(line: LogLine, paint: Paint): string {
  const style = LEVEL_STYLE[line.level as keyof typeof LEVEL_STYLE] ?? 'white';
  const fields = line.fields === null ? '' : ` ${paint('gray', printable(JSON.stringify(line.fields)))}`;
  return [
    paint('gray', formatTime(line.time)),
    paint(style, line.level.padEnd(5)),
    paint('bold', line.function),
    printable(line.message).trimEnd() + fields,
  ].join(' ');
}
