import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { readYamlDocuments } from '../yaml-source.ts';
import { AppDraft } from './app-draft.ts';
import { addFunction, FUNCTION_FILES, isFunctionFile } from './fn/function-file.ts';
import type { ForeignProject } from './foreign-project.ts';
import { ProjectFolder } from './project-folder.ts';
import { Section } from './section.ts';

const APP_FILES = ['app.yaml', 'app.yml'] as const;
/** Google's App Engine, Kubernetes and others have an `app.yaml`, too. */
const OTHERS_KEYS = /^(runtime|env|service|apiVersion|kind|spec|components)\s*:/m;

/**
 * Fn Project: a `func.yaml`, or an `app.yaml` with functions in folders below it, as `fn deploy --all` takes them. HTTP triggers
 * are routes; every function also answers at `/invoke/NAME`, where Fn has its id.
 */
export const fn: ForeignProject = {
  name: 'Fn Project',
  async detect(dir) {
    for (const file of APP_FILES) {
      const text = await readFile(join(dir, file), 'utf8').catch(() => null);
      if (text !== null && !OTHERS_KEYS.test(text) && (await hasFunctions(dir))) return file;
    }
    for (const file of FUNCTION_FILES) {
      const text = await readFile(join(dir, file), 'utf8').catch(() => null);
      if (text !== null && isFunctionFile(text)) return file;
    }
    return null;
  },
  async read(dir, file) {
    const draft = new AppDraft(file);
    const folder = new ProjectFolder(dir, draft);
    const isApp = APP_FILES.some((name) => name === file);
    const config = isApp ? await readApp(file, folder, draft) : {};
    const all = isApp ? (await folder.files()).filter(isFunctionPath) : [file];
    for (const path of all) await addFunction(path, { draft, folder, config, namesApp: !isApp });
    return draft.finish();
  },
};

async function readApp(
  file: string,
  folder: ProjectFolder,
  draft: AppDraft,
): Promise<Readonly<Record<string, string>>> {
  const [source] = readYamlDocuments(folder.absolute(file), file, (await folder.text(file)) ?? '');
  if (source === undefined) return {};
  const top = Section.of(source, draft);
  const name = top.text('name');
  if (name !== undefined) draft.name(name, top.place('name'));
  const section = top.section('config');
  const config = section?.pairs() ?? {};
  for (const [key, value] of Object.entries(config)) draft.env(null, key, value, section!.place(key));
  top.leave('ignored', {
    annotations: 'nothing here reads annotations',
    syslog_url: '"mayfly logs" has what functions print',
    shape: 'code runs on the processor of the node',
  });
  top.close();
  return config;
}

const isFunctionPath = (path: string): boolean =>
  FUNCTION_FILES.some((name) => name === posix.basename(path));

async function hasFunctions(dir: string): Promise<boolean> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  if (entries.some(({ name }) => isFunctionPath(name))) return true;
  for (const entry of entries.filter((each) => each.isDirectory())) {
    if ((await readdir(join(dir, entry.name)).catch(() => [])).some(isFunctionPath)) return true;
  }
  return false;
}
