import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { AppDraft } from './app-draft.ts';
import { addCodeModel } from './azure/code-model.ts';
import { addFolderModel } from './azure/folder-model.ts';
import { readHost } from './azure/host.ts';
import { readLocalSettings } from './azure/local-settings.ts';
import { addPythonModel } from './azure/python-model.ts';
import type { ForeignProject } from './foreign-project.ts';
import { readJsonSource } from './json-source.ts';
import { ProjectFolder } from './project-folder.ts';
import { Section } from './section.ts';
import { readIgnoreFile, wholeFolder } from './shipped-files.ts';

/**
 * Azure Functions: a `host.json`, with a folder and `function.json` for each function (programming model 3, Python 1), or functions
 * that the code itself registers (Node.js 4, Python 2).
 */
export const azure: ForeignProject = {
  name: 'Azure Functions',
  async detect(dir) {
    const text = await readFile(join(dir, 'host.json'), 'utf8').catch(() => '');
    return /"version"\s*:\s*"\d/.test(text) ? 'host.json' : null;
  },
  async read(dir, file) {
    const draft = new AppDraft(file);
    const folder = new ProjectFolder(dir, draft);
    const host = Section.of(
      readJsonSource(join(dir, file), file, await readFile(join(dir, file), 'utf8')),
      draft,
    );
    const settings = readHost(host);
    const env = await readLocalSettings(folder, draft);
    const ignored = await readIgnoreFile(folder, '.funcignore');
    const include = wholeFolder([file, 'local.settings.json', ...ignored]);
    const shared = { draft, folder, settings, env, include, place: host.place() };
    const declared = (await folder.files()).filter((path) => /^[^/]+\/function\.json$/.test(path));
    for (const path of declared) await addFolderModel(path, shared);
    if (declared.length === 0) {
      if (await folder.hasFile('function_app.py')) await addPythonModel(shared);
      else await addCodeModel(shared);
    }
    if (posix.basename(dir) !== '') draft.name(posix.basename(dir), host.place());
    host.close();
    return draft.finish();
  },
};
