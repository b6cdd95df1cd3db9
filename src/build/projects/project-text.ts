import { readFile, stat } from 'node:fs/promises';

/** Larger than any file that somebody wrote. */
const textBytesMax = 16 * 1024 * 1024;

/** The text of a file; null: it is not there, is no ordinary file (reading a pipe or a device might never end), or absurdly large. */
export async function readProjectText(file: string): Promise<string | null> {
  const info = await stat(file).catch(() => null);
  if (info === null || !info.isFile() || info.size > textBytesMax) return null;
  return readFile(file, 'utf8').catch(() => null);
}
