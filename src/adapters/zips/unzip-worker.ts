/** The thread in which archives are unpacked, one after another: each message is an `UnzipJob`, each answer an `UnzipResult`. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { parentPort } from 'node:worker_threads';
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';
import type { UnzipJob, UnzipResult } from './unzip-job.ts';
import { kindOf, modeOf, resolveLinks, type StagedFile, type StagedLink } from './zip-entries.ts';

/** Links are short; a long "link" would be read into memory. */
const LINK_BYTES_MAX = 4_096;
const PATH_CHARS_MAX = 1_024;
/** What deflate cannot do to real code: archives that unpack to more than this and so many times their size are bombs. */
const RATIO_MAX = 200;
const RATIO_FREE_BYTES = 16 * 1024 * 1024;

class Refusal extends Error {}

parentPort!.on('message', (job: UnzipJob) => {
  void resultOf(job).then((result) => parentPort!.postMessage(result));
});

async function resultOf(job: UnzipJob): Promise<UnzipResult> {
  try {
    const zip = Buffer.from(textOf(job), 'base64');
    const files = await unpack(job, zip);
    return { files, archive: await stageArchive(job, zip) };
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    // The file system's errors have codes; those of yauzl and of ours are about the archive.
    if (code !== undefined && /^E[A-Z]+$/.test(code)) return { failure: message, code };
    return { problem: message };
  }
}

/** Some clients write `/` as `\\/`. */
function textOf({ base64 }: UnzipJob): string {
  const text = Buffer.concat(base64).toString('latin1');
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}

async function unpack(job: UnzipJob, zip: Buffer): Promise<StagedFile[]> {
  const archive = await fromBufferPromise(zip, { lazyEntries: true, validateEntrySizes: true });
  if (archive.entryCount > job.filesMax) throw new Refusal(`there are more than ${job.filesMax} files`);
  const files = new Map<string, StagedFile>();
  const links: StagedLink[] = [];
  let bytes = 0;
  let entries = 0;
  for await (const entry of archive.eachEntry() as AsyncIterable<Entry>) {
    const kind = kindOf(entry);
    if (kind === 'folder') continue;
    const path = pathOf(entry);
    if (kind === 'special' || entry.isEncrypted()) throw new Refusal(`"${path}" is no plain file`);
    bytes += entry.uncompressedSize;
    entries += 1;
    checkSize(bytes, zip.length, job);
    if (kind === 'link') links.push({ path, target: await linkTarget(archive, entry) });
    else files.set(path, await stage(archive, entry, path, `${job.folder}/${entries}`));
  }
  const all = resolveLinks(files, links, job.filesMax);
  checkPaths(all);
  checkSize(
    all.reduce((sum, file) => sum + file.bytes, 0),
    zip.length,
    job,
  );
  return all;
}

async function stageArchive({ folder }: UnzipJob, zip: Buffer): Promise<StagedFile> {
  const staged = `${folder}/archive`;
  await writeFile(staged, zip, { mode: 0o600 });
  const sha256 = createHash('sha256').update(zip).digest('hex');
  return { path: 'archive', sha256, bytes: zip.length, mode: 0o644, staged };
}

function pathOf({ fileName }: Entry): string {
  const path = fileName
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a zero byte would end the name early
  if (path === '' || path.length > PATH_CHARS_MAX || /[\\\u0000]/.test(path))
    throw new Refusal(`there is a file with an impossible name: ${JSON.stringify(fileName.slice(0, 100))}`);
  return path;
}

function checkSize(bytes: number, zipBytes: number, { unpackedBytesMax }: UnzipJob): void {
  if (bytes > unpackedBytesMax)
    throw new Refusal(`Unzipped size must be smaller than ${unpackedBytesMax} bytes`);
  if (bytes > RATIO_FREE_BYTES && bytes > RATIO_MAX * zipBytes)
    throw new Refusal(`it unpacks to more than ${RATIO_MAX} times its size`);
}

/** Nothing may be a file and a folder at once. */
function checkPaths(files: readonly StagedFile[]): void {
  const paths = new Set(files.map(({ path }) => path));
  for (const { path } of files) {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      if (paths.has(path.slice(0, at))) throw new Refusal(`"${path.slice(0, at)}" is a file and a folder`);
    }
  }
}

async function linkTarget(archive: ZipFile, entry: Entry): Promise<string> {
  if (entry.uncompressedSize > LINK_BYTES_MAX) throw new Refusal(`the link "${entry.fileName}" is too long`);
  return (await buffer(await archive.openReadStreamPromise(entry))).toString('utf8');
}

/** yauzl ends the stream with an error when there is more or less in it than the entry says. */
async function stage(archive: ZipFile, entry: Entry, path: string, staged: string): Promise<StagedFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    await archive.openReadStreamPromise(entry),
    async function* (parts: AsyncIterable<Buffer>) {
      for await (const part of parts) {
        hash.update(part);
        bytes += part.length;
        yield part;
      }
    },
    createWriteStream(staged, { mode: 0o600 }),
  );
  return { path, sha256: hash.digest('hex'), bytes, mode: modeOf(entry), staged };
}
