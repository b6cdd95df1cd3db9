import { basename } from 'node:path';
import { Document, isMap, isScalar } from 'yaml';
import type { AppConfig } from './app-config.ts';
import { loadAppAndFile } from './app-loader.ts';
import type { AppFile } from './config-schema.ts';
import { discoverFunctions } from './function-discovery.ts';
import { formatProblem, NOWHERE, problemAt, problemsError } from './problem.ts';
import { problemOfFinding } from './projects/finding-problem.ts';
import type { Finding, ProjectOptions } from './projects/foreign-project.ts';

/** Text of a line in the file, beyond which YAML would fold it and change what a reader sees. */
const lineWidth = 0;

/**
 * Reads another tool's project and says the same in Mayfly's own words. What could not run stands in the comments only.
 * @throws MayflyError CONFIG_INVALID: there is none, or it cannot be read
 */
export async function importProject(
  dir: string,
  options: ProjectOptions,
): Promise<{ readonly app: AppConfig; readonly yaml: string }> {
  const { app, file } = await loadAppAndFile(dir, { ...options, tolerant: true, foreign: true });
  if (app.project === null) {
    throw problemsError('CONFIG_INVALID', [
      problemAt(NOWHERE, `${app.dir} has no other tool's project file`),
    ]);
  }
  // Said only where it makes a difference.
  const { discover: _, ...rest } = file;
  const hidden = (await discoverFunctions(app.dir)).files.size > 0;
  return { app, yaml: importedYaml(app, hidden ? { ...rest, discover: false } : rest) };
}

/**
 * The `mayfly.yaml` that says the same as another tool's project file. What was not taken over stands in comments: what is
 * about one function above it, the rest at the top.
 */
function importedYaml(app: AppConfig, value: AppFile): string {
  const document = new Document({ name: app.name, ...ordered(value) }, { aliasDuplicateObjects: false });
  const [own, general] = [new Map<string, Finding[]>(), [] as Finding[]];
  for (const finding of app.findings) {
    const list = finding.function === null ? general : (own.get(finding.function) ?? []);
    list.push(finding);
    if (finding.function !== null) own.set(finding.function, list);
  }
  const functions = document.get('functions');
  if (isMap(functions)) {
    for (const { key } of functions.items) {
      const name = isScalar(key) ? String(key.value) : '';
      const findings = own.get(name);
      if (findings !== undefined && isScalar(key)) key.commentBefore = commentOf(findings);
      own.delete(name);
    }
  }
  const source = basename(app.configFile ?? '');
  const left = [...general, ...[...own.values()].flat()];
  const head = [` Made by "mayfly import" from ${source} (${app.project}).`];
  if (left.length > 0) head.push(' Not taken over:', commentOf(left));
  document.commentBefore = head.join('\n');
  return document.toString({ lineWidth });
}

/** Settings first, functions last; without the name, which stands first, and without what says nothing. */
function ordered({ name: _, functions, discover, ...settings }: AppFile): AppFile {
  return {
    ...(discover === undefined ? {} : { discover }),
    ...settings,
    ...(functions ? { functions } : {}),
  };
}

function commentOf(findings: readonly Finding[]): string {
  return findings
    .map(
      (finding) =>
        ` ${finding.severity}: ${formatProblem(problemOfFinding(finding)).replace(/\s*\n\s*/g, ' ')}`,
    )
    .join('\n');
}
