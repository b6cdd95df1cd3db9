import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FunctionConfig } from './app-config.ts';
import { type Problem, problemAt } from './problem.ts';

/** What is wrong when the folder of a function's code is not there, which is often one that a build makes; null: it is. */
export async function missingRoot(dir: string, config: FunctionConfig): Promise<Problem | null> {
  const { root, name, handler } = config;
  if (root === '.' || (await stat(join(dir, root)).catch(() => null))?.isDirectory()) return null;
  const advice = 'if the project is compiled into it, compile it first';
  return problemAt(handler.place, `function "${name}": there is no folder "${root}"`, advice);
}

/** ` in "dist"`: where a handler's path begins, when that is not the app's folder. */
export const inRoot = ({ root }: FunctionConfig): string => (root === '.' ? '' : ` in "${root}"`);
