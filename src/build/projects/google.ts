import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { AppDraft } from './app-draft.ts';
import type { ForeignProject } from './foreign-project.ts';
import { addNodeFunctions } from './google/node-functions.ts';
import { addPythonFunctions } from './google/python-functions.ts';
import { ProjectFolder } from './project-folder.ts';
import { readIgnoreFile, wholeFolder } from './shipped-files.ts';

const PYTHON = /^\s*functions-framework\b/m;

/**
 * Google's Functions Framework, which has no project file of its own: a `package.json` that depends on it, or a `requirements.txt` that
 * does with a `main.py`. What starts it (`--target`, `--signature-type`, `--source`) says what is served.
 */
export const google: ForeignProject = {
  name: 'Google Functions Framework',
  weak: true,
  async detect(dir) {
    const text = await readFile(join(dir, 'package.json'), 'utf8').catch(() => '');
    if (/"@google-cloud\/functions-framework"\s*:/.test(text)) return 'package.json';
    const wanted = await readFile(join(dir, 'requirements.txt'), 'utf8').catch(() => '');
    return PYTHON.test(wanted) ? 'requirements.txt' : null;
  },
  async read(dir, file) {
    const draft = new AppDraft(file);
    const folder = new ProjectFolder(dir, draft);
    draft.name(posix.basename(dir), { file, line: null, column: null });
    const include = wholeFolder(await readIgnoreFile(folder, '.gcloudignore'));
    const project = { folder, draft, include, dirName: posix.basename(dir) };
    if (file === 'package.json') await addNodeFunctions(project);
    else await addPythonFunctions(project);
    return draft.finish();
  },
};
