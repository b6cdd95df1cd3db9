import { join } from 'node:path';
import { DEFAULT_RUNTIME, DIALECTS, RUNTIMES } from '../../contract/runtimes.ts';
import type { ConfigSource } from '../config-source.ts';
import type { Finding, ForeignApp, ProjectOptions } from './foreign-project.ts';
import type { FoundProject } from './project-search.ts';

/** A foreign project as a configuration, with what was found on the way. */
export interface ProjectSource extends ConfigSource {
  readonly findings: readonly Finding[];
  readonly files: readonly string[];
}

/**
 * Reads another tool's project. Functions that could not run are left out and stand among the findings: what names them
 * as blocked, and what names a runtime or dialect that this Mayfly lacks.
 */
export async function readProjectSource(
  dir: string,
  { project, file }: FoundProject,
  options: ProjectOptions,
): Promise<ProjectSource> {
  const read = await project.read(dir, file, options);
  const findings = [...read.findings, ...unknownNames(read)];
  const blocked = new Set(findings.flatMap((each) => (each.severity === 'blocks' ? [each.function] : [])));
  const functions = Object.entries(read.app.functions ?? {}).filter(([name]) => !blocked.has(name));
  return {
    file: join(dir, file),
    value: { ...read.app, discover: false, functions: Object.fromEntries(functions) },
    problems: [],
    placeOf: (path, at) => read.placeOf(path, at),
    findings: findings.sort(byPlace),
    files: read.files,
  };
}

/** What functions name that this Mayfly lacks: a runtime, a dialect, a dialect for the runtime's language. */
function unknownNames({ app, placeOf }: ForeignApp): Finding[] {
  return Object.entries(app.functions ?? {}).flatMap(([name, own]) => {
    const { runtime = app.runtime, dialect = app.dialect } = own ?? {};
    const blocks = (key: 'runtime' | 'dialect', lacks: string): Finding => ({
      severity: 'blocks',
      place: placeOf(['functions', name, key], 'value'),
      what: `${key} ${key === 'runtime' ? runtime : dialect}`,
      means: `this Mayfly has no ${lacks}, so function "${name}" could not run`,
      suggestion: null,
      function: name,
    });
    const isRuntime = runtime === undefined || Object.hasOwn(RUNTIMES, runtime);
    const isDialect = dialect === undefined || Object.hasOwn(DIALECTS, dialect);
    const language = RUNTIMES[runtime ?? DEFAULT_RUNTIME]?.language ?? null;
    const isOffered =
      language === null || dialect === undefined || DIALECTS[dialect]?.includes(language) !== false;
    return [
      ...(isRuntime ? [] : [blocks('runtime', `runtime "${runtime}"`)]),
      ...(isDialect ? [] : [blocks('dialect', `dialect "${dialect}"`)]),
      ...(isOffered ? [] : [blocks('dialect', `dialect "${dialect}" for ${language}`)]),
    ];
  });
}

function byPlace(a: Finding, b: Finding): number {
  const files = (a.place.file ?? '').localeCompare(b.place.file ?? '', 'en');
  return files || (a.place.line ?? 0) - (b.place.line ?? 0) || (a.place.column ?? 0) - (b.place.column ?? 0);
}
