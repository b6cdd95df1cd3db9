import { basename, dirname } from 'node:path';
import type { Repository } from '../repository.ts';
import type { Violation } from '../violation.ts';

/** Past this, ask what the second concern is. */
const FILE_LINES_ASK = 300;
/** Past this, split. */
const FILE_LINES_MAX = 500;

const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
/** Names under which anything could stand, and in time does. */
const DUMP = /(^|-)(utils?|helpers?|common|types|managers?|misc|shared|stuff)$/;

/** Files are small, named kebab-case, and named after a noun that says what is in them. */
export function checkShape(repository: Repository): Violation[] {
  return repository.files.flatMap((file) => [...checkLength(file), ...checkName(file.path)]);
}

function checkLength({ path, lines }: { path: string; lines: number }): Violation[] {
  if (lines <= FILE_LINES_ASK) return [];
  const tooLong = lines > FILE_LINES_MAX;
  return [
    {
      file: path,
      line: tooLong ? FILE_LINES_MAX : FILE_LINES_ASK,
      rule: 'length',
      message: tooLong
        ? `${lines} lines; no file is longer than ${FILE_LINES_MAX}: split it by concern.`
        : `${lines} lines: what is its second concern?`,
      severity: tooLong ? 'error' : 'warning',
    },
  ];
}

function checkName(path: string): Violation[] {
  const names = [...dirname(path).split('/'), basename(path, '.ts')];
  const wrong = names.find((name) => !KEBAB_CASE.test(name));
  const dump = names.find((name) => name.split('.').some((part) => DUMP.test(part)));
  const violation = (message: string): Violation[] => [
    { file: path, line: 1, rule: 'name', message, severity: 'error' },
  ];
  if (wrong !== undefined) return violation(`"${wrong}" is not kebab-case.`);
  if (dump !== undefined) return violation(`"${dump}" names no thing: call it after what it is.`);
  return [];
}
