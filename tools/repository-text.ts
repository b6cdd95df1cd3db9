/**
 * Checks the text of every file that belongs to the repository: no path or host of the machine it was written on,
 * no mark of unfinished work. `node tools/repository-text.ts [--root DIR]`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** Larger files are data: photographs, books. */
const TEXT_BYTES_MAX = 1_000_000;
/** In parts, so that this very file does not name it. */
const PUBLIC_REGISTRY = ['registry', 'npmjs', 'org'].join('.');
/** Folders that every machine has; a path that only begins with one of them says nothing about this machine. */
const ORDINARY_FOLDERS =
  /^\/(app|builds?|code|data|etc|github|home|mnt|opt|project|repo|root|src|srv|tmp|usr|var|workspace)?$/;

interface Ban {
  readonly pattern: RegExp;
  readonly why: string;
  /** Only files whose path matches; all when absent. */
  readonly only?: RegExp;
}

const { values: options } = parseArgs({
  options: { root: { type: 'string', default: resolve(import.meta.dirname, '..') } },
});
const { root } = options;
const bans = [...machineBans(), ...unfinishedBans()];
let found = 0;
for (const path of listFiles()) {
  const text = readText(path);
  if (text === null) continue;
  for (const [index, line] of text.split('\n').entries()) {
    for (const { pattern, why, only } of bans) {
      if ((only !== undefined && !only.test(path)) || !pattern.test(line)) continue;
      console.log(`${path}:${index + 1} [text] ${why}: ${line.trim().slice(0, 120)}`);
      found++;
    }
  }
}
process.exitCode = found === 0 ? 0 : 1;

function machineBans(): Ban[] {
  const why = 'a path of the machine this was written on';
  const places = [root, dirname(root), homedir()].filter((place) => !ORDINARY_FOLDERS.test(place));
  const bans: Ban[] = [...new Set(places)].map((place) => ({
    pattern: new RegExp(`(?<![\\w.])${RegExp.escape(`${place}/`)}`),
    why,
  }));
  bans.push({ pattern: /(?<![\w.])\/(home|Users)\/(?!(me|you|user|app|node|runner)\b)[a-z][\w.-]*\//, why });
  const host = registryHost();
  if (host !== null) bans.push({ pattern: new RegExp(RegExp.escape(host)), why: 'a private registry' });
  return bans;
}

function unfinishedBans(): Ban[] {
  const marks = ['TO' + 'DO', 'FIX' + 'ME', 'X'.repeat(3)].join('|');
  const code = /\.(ts|js|mjs|cjs|sh)$|^bin\//;
  return [
    { pattern: new RegExp(`\\b(${marks})\\b`), why: 'a mark of unfinished work', only: code },
    { pattern: /\b(it|test|describe)\.only\(/, why: 'a test that silences the others', only: code },
  ];
}

/** The registry that npm is set to use here, unless it is the public one. */
function registryHost(): string | null {
  const { host } = new URL(execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim());
  return host === PUBLIC_REGISTRY ? null : host;
}

/** Tracked files, and new ones that git would not ignore. */
function listFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed.split('\0').filter((path) => path !== '');
}

function readText(path: string): string | null {
  const absolute = join(root, path);
  const stats = statSync(absolute, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile() || stats.size > TEXT_BYTES_MAX) return null;
  const bytes = readFileSync(absolute);
  return bytes.includes(0) ? null : bytes.toString('utf8');
}
