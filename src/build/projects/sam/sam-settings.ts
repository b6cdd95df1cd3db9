import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import type { AppDraft } from '../app-draft.ts';
import type { ProjectOptions } from '../foreign-project.ts';
import { isMapping } from '../section.ts';
import { mappingOf, textOf } from './sam-app.ts';

/** What `samconfig.toml` says about a deploy. */
export interface SamSettings {
  readonly stack: string | null;
  readonly region: string | null;
  readonly parameters: Readonly<Record<string, string>>;
}

const FILE = 'samconfig.toml';

/** Reads `samconfig.toml`; `--stage` names the environment in it, by default `default`. A file that is none is told. */
export async function readSamSettings(
  dir: string,
  options: ProjectOptions,
  draft: AppDraft,
): Promise<SamSettings> {
  const text = await readFile(join(dir, FILE), 'utf8').catch(() => null);
  if (text === null) return { stack: null, region: null, parameters: {} };
  draft.readFrom(join(dir, FILE));
  let file: Readonly<Record<string, unknown>> = {};
  try {
    file = parse(text);
  } catch {
    const place = { file: FILE, line: null, column: null };
    draft.ignored({ place, what: FILE, means: 'it is no TOML, and not read' });
  }
  const environment = mappingOf(file[options.stage ?? 'default']);
  const settings = {
    ...mappingOf(mappingOf(environment.global).parameters),
    ...mappingOf(mappingOf(environment.deploy).parameters),
  };
  return {
    stack: textOf(settings.stack_name) ?? null,
    region: textOf(settings.region) ?? null,
    parameters: overridesOf(settings.parameter_overrides),
  };
}

/** `Key="Value" Other=x`, `ParameterKey=Key,ParameterValue=x`, a list of such words, or a table. */
function overridesOf(written: unknown): Record<string, string> {
  if (isMapping(written)) {
    return Object.fromEntries(Object.entries(written).map(([key, value]) => [key, String(value)]));
  }
  const text = (Array.isArray(written) ? written.map(String) : [textOf(written) ?? '']).join(' ');
  const pairs = text.matchAll(
    /(?:ParameterKey=)?([\w.-]+)(?:,ParameterValue)?=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s,]*))/g,
  );
  return Object.fromEntries(
    [...pairs].map(([, key = '', double, single, plain = '']) => [key, double ?? single ?? plain]),
  );
}
