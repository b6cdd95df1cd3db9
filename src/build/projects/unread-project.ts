import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECTS } from './index.ts';

/** Files of tools whose projects are not read. */
const OTHER_TOOLS: readonly (readonly [file: RegExp, tool: string])[] = [
  [/^cdk\.json$/, 'AWS CDK'],
  [/^sst\.config\.[cm]?[jt]s$/, 'SST'],
  [/^(app\.arc|arc\.(ya?ml|json))$/, 'Architect'],
  [/^\.chalice$/, 'Chalice'],
  [/^zappa_settings\.(json|ya?ml|toml)$/, 'Zappa'],
  [/^claudia\.json$/, 'Claudia.js'],
  [/^(vercel|now)\.json$/, 'Vercel'],
  [/^netlify\.toml$/, 'Netlify'],
  [/^firebase\.json$/, 'Firebase'],
  [/^Pulumi\.ya?ml$/, 'Pulumi'],
  [/\.tf$/, 'Terraform'],
];
/** What tells a project file by another name from any other file. */
const MARKS = /AWS::(Serverless|Lambda)::Function|^\s*"?functions"?\s*:/m;

/** What to say of a folder in which nothing was found to deploy, but that is some tool's project; null: it is none. */
export async function adviseUnread(dir: string): Promise<string | null> {
  const names = (await readdir(dir)).sort();
  for (const name of names) {
    if (!PROJECTS.some((project) => project.names?.test(name))) continue;
    const text = await readFile(join(dir, name), 'utf8').catch(() => '');
    if (MARKS.test(text)) return `${name} looks like a project file: --project ${name}`;
  }
  for (const [file, tool] of OTHER_TOOLS) {
    const found = names.find((name) => file.test(name));
    if (found !== undefined)
      return `${found} is of ${tool}, whose projects Mayfly does not read: name the handlers in mayfly.yaml`;
  }
  return null;
}
