import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasProject } from './projects/project-search.ts';

/** Folders below that are looked at for projects. */
const foldersMax = 50;
/** Files that a single function usually stands in. */
const USUAL = [
  'index.js',
  'index.mjs',
  'index.ts',
  'handler.js',
  'main.js',
  'app.js',
  'main.py',
  'app.py',
  'handler.py',
];

/** What to do about a folder in which no function is found: a server that it starts, projects below it, a file with code. */
export async function suggestFunction(folder: string): Promise<string> {
  const server = await startedFile(folder);
  if (server !== null) {
    return `for the web server that "npm start" runs, write in mayfly.yaml: functions: { web: { handler: ${server}, dialect: http, routes: ['/*'] } }`;
  }
  const command = /^web:\s*(.+)$/m.exec(await textOf(folder, 'Procfile'))?.[1]?.trim();
  if (command !== undefined) {
    return `for the web server of Procfile, which must listen on PORT, write in mayfly.yaml: functions: { web: { runtime: http, command: [sh, -c, ${JSON.stringify(`exec ${command}`)}], routes: ['/*'] } }`;
  }
  const projects = await projectsBelow(folder);
  if (projects.length > 0) {
    const more = projects.length > 3 ? ' and others' : '';
    return `there are projects in ${projects.slice(0, 3).join(', ')}${more}: "mayfly deploy ${projects[0]}"`;
  }
  for (const file of [...USUAL, ...(await sourcesIn(folder))]) {
    if (await isFile(join(folder, file)))
      return `name the function in ${file} in mayfly.yaml: functions: { NAME: { handler: ${file}, routes: ['/*'] } }`;
  }
  return 'make functions/hello.ts, or name a function in mayfly.yaml';
}

/** The module that the script "start" of package.json gives to Node.js. */
async function startedFile(folder: string): Promise<string | null> {
  const start = /"start"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(await textOf(folder, 'package.json'))?.[1] ?? '';
  const file = /(?:^|[\s;&])node\s+(?:--?\S+\s+)*(?:\.\/)?([\w./-]+)/.exec(start)?.[1] ?? null;
  for (const name of file === null ? [] : [file, `${file}.js`]) {
    if (await isFile(join(folder, name))) return name;
  }
  return null;
}

/** Files of code at the top that are no settings of tools and no tests. */
async function sourcesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^[\w-]+\.([cm]?[jt]s|py)$/.test(name)).sort();
}

async function projectsBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((each) => each.isDirectory() && !/^(\.|node_modules$)/.test(each.name));
  const found: string[] = [];
  for (const { name } of folders.slice(0, foldersMax)) {
    const path = join(folder, name);
    if ((await isFile(join(path, 'mayfly.yaml'))) || (await hasProject(path))) found.push(name);
  }
  return found.sort();
}

const textOf = (folder: string, file: string): Promise<string> =>
  readFile(join(folder, file), 'utf8').catch(() => '');

const isFile = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => null))?.isFile() ?? false;
