import { existsSync } from 'node:fs';
import path from 'node:path';
import type { AppSummary } from '../contract/control-api.ts';
import type { ApiClient } from './api-client.ts';
import { apiPath } from './api-client.ts';
import { usageError } from './errors.ts';
import { type AppOptions, checkedName } from './options.ts';
import type { Shell } from './shell.ts';

/** What makes a folder an app's. */
const APP_MARKS = ['mayfly.yaml', 'mayfly.yml', 'mayfly.config.ts', 'functions'];

/** The app that the flag, `MAYFLY_APP` or the current folder names, or null. @throws MayflyError USAGE, CONFIG_INVALID */
export async function namedApp(shell: Shell, options: AppOptions): Promise<string | null> {
  const name = options.app ?? shell.env.MAYFLY_APP;
  if (name) return checkedName(name, 'app');
  if (!APP_MARKS.some((mark) => existsSync(path.join(shell.cwd, mark)))) {
    const { hasProject } = await import('../build/projects/project-search.ts');
    if (!(await hasProject(shell.cwd))) return null;
  }
  const { loadApp } = await import('../build/app-loader.ts');
  return (await loadApp(shell.cwd, { env: shell.env, tolerant: true })).name;
}

/** The same, or the only app of the node. @throws MayflyError USAGE when nothing says which app is meant */
export async function requiredApp(shell: Shell, options: AppOptions, client: ApiClient): Promise<string> {
  const named = await namedApp(shell, options);
  if (named !== null) return named;
  const { apps } = await client.get<{ apps: AppSummary[] }>(apiPath('apps'));
  const names = [...new Set(apps.map((app) => app.app))];
  if (names.length === 1) return names[0]!;
  throw usageError(
    names.length === 0
      ? 'Nothing is deployed on this node, and no app is named.'
      : `Which app? Give --app: ${names.join(', ')}.`,
  );
}
