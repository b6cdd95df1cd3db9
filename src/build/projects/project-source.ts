import { join } from 'node:path';
import { DIALECTS, RUNTIMES } from '../../contract/runtimes.ts';
import type { FunctionFile } from '../config-schema.ts';
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

function unknownNames({ app, placeOf }: ForeignApp): Finding[] {
  const known = { runtime: RUNTIMES, dialect: DIALECTS } as const;
  return Object.entries(app.functions ?? {}).flatMap(([name, own]) =>
    (['runtime', 'dialect'] as const).flatMap((key): Finding[] => {
      const value = (own as FunctionFile | null)?.[key] ?? app[key];
      if (value === undefined || Object.hasOwn(known[key], value)) return [];
      return [
        {
          severity: 'blocks',
          place: placeOf(['functions', name, key], 'value'),
          what: `${key} ${value}`,
          means: `this Mayfly has no ${key} "${value}", so function "${name}" could not run`,
          suggestion: null,
          function: name,
        },
      ];
    }),
  );
}

function byPlace(a: Finding, b: Finding): number {
  const files = (a.place.file ?? '').localeCompare(b.place.file ?? '', 'en');
  return files || (a.place.line ?? 0) - (b.place.line ?? 0) || (a.place.column ?? 0) - (b.place.column ?? 0);
}
