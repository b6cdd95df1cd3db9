import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder } from './temporary-folder.ts';

/** The function that everything is measured with, unless a scenario needs another. */
export const HELLO = `export default () => new Response('hello\\n');\n`;

/** The same in Python. */
export const HELLO_PYTHON =
  'def lambda_handler(event, context):\n    return {"statusCode": 200, "body": "hello\\n"}\n';

/**
 * Instances of a function under full load: two a core. More of them, each with one call that only computes, do not serve
 * more calls, they only take turns; a function without such a limit is another measurement.
 */
export const LOAD_INSTANCES = 2 * availableParallelism();

/** Writes an app into a folder of its own: file names and their text, or the bytes of a program. Returns its path. */
export async function writeApp(
  name: string,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<string> {
  const folder = join(await makeFolder(), name);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text, { mode: typeof text === 'string' ? 0o644 : 0o755 });
  }
  return folder;
}

/** `count` functions `f0 …` of the same text, and what the app's file says of all of them. */
export function manyFunctions(
  count: number,
  text: string,
  settings: object = {},
  suffix = '.js',
): Record<string, string> {
  const files: Record<string, string> = { 'mayfly.yaml': JSON.stringify(settings) };
  for (let i = 0; i < count; i++) files[`functions/f${i}${suffix}`] = text;
  return files;
}
