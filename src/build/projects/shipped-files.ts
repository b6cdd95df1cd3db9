import type { ProjectFolder } from './project-folder.ts';

/** What is never meant to be shipped, though it lies beside the code: secrets of the author's machine, and Mayfly's own file. */
const NEVER = ['mayfly.yaml', '.env', '.env.*'] as const;

/** The globs by which a whole folder is shipped, as the vendor ships it, but for these. */
export function wholeFolder(without: readonly string[] = []): string[] {
  return ['**', ...[...NEVER, ...without].map((glob) => `!${glob}`)];
}

/**
 * The globs that a file in the manner of `.gitignore` takes away. Patterns that take something back in are left out: more is
 * then taken away than the file says.
 */
export async function readIgnoreFile(folder: ProjectFolder, path: string): Promise<string[]> {
  const text = (await folder.text(path)) ?? '';
  return text.split('\n').flatMap((line) => {
    const pattern = line.trim().replace(/\/$/, '');
    if (pattern === '' || pattern.startsWith('#') || pattern.startsWith('!')) return [];
    return [pattern.includes('/') ? pattern.replace(/^\//, '') : `**/${pattern}`];
  });
}
