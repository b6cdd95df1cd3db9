import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type TarMember, tarOf } from '../../tests/harness/tar-archive.ts';
import { readTar, type TarEntry, TarError } from './tar-reader.ts';

interface Found extends TarEntry {
  readonly content: string;
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(archive: Uint8Array, size = 10_000): Promise<Found[]> {
  const found: Found[] = [];
  await readTar(inPieces(archive, size), async (entry, content) => {
    const parts: Uint8Array[] = [];
    for await (const part of content) parts.push(Uint8Array.from(part));
    found.push({ ...entry, content: Buffer.concat(parts).toString() });
  });
  return found;
}

describe('a tar archive', () => {
  test('is read member by member, however it comes in', async () => {
    const name = fc.stringMatching(/^[a-z]{1,12}(\/[a-zäß ]{1,40}){0,6}$/);
    const member = fc.record({ path: name, content: fc.string({ maxLength: 1_500 }), mode: fc.nat(0o7777) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(member, { maxLength: 6 }),
        fc.integer({ min: 1, max: 2_000 }),
        async (given, size) => {
          const found = await read(tarOf(given), size);
          assert.deepEqual(
            found.map(({ path, content, mode, kind }) => ({ path, content, mode, kind })),
            given.map(({ path, content, mode }) => ({ path, content, mode, kind: 'file' })),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test('tells links, folders, devices and what it does not know', async () => {
    const members: TarMember[] = [
      { path: './a/', type: '5' },
      { path: 'a/link', type: '2', target: '../'.repeat(60) },
      { path: 'a/hard', type: '1', target: 'a/link' },
      { path: 'a/null', type: '3' },
      { path: 'a/sparse', type: 'S' },
      { path: 'old/' },
    ];
    assert.deepEqual(
      (await read(tarOf(members))).map(({ path, kind, target }) => [path, kind, target]),
      [
        ['a', 'folder', ''],
        ['a/link', 'symlink', '../'.repeat(60)],
        ['a/hard', 'hardlink', 'a/link'],
        ['a/null', 'device', ''],
        ['a/sparse', 'other', ''],
        ['old', 'folder', ''],
      ],
    );
  });

  test('need not be read member by member to its end', async () => {
    const seen: string[] = [];
    const archive = tarOf([
      { path: 'one', content: 'x'.repeat(3_000) },
      { path: 'two', content: 'y' },
    ]);
    await readTar(inPieces(archive, 700), async ({ path }, content) => {
      seen.push(path);
      for await (const _ of content) break;
    });
    assert.deepEqual(seen, ['one', 'two']);
  });

  test('that is cut off, damaged or none at all is refused', async () => {
    const whole = tarOf([{ path: 'one', content: 'x'.repeat(3_000) }]);
    await assert.rejects(read(whole.subarray(0, 2_000)), TarError);
    await assert.rejects(read(whole.subarray(0, 300)), TarError);
    await assert.rejects(read(Buffer.from('no archive '.repeat(100))), TarError);
    const damaged = Buffer.from(whole);
    damaged[3] = 0x41;
    await assert.rejects(read(damaged), TarError);
    await assert.rejects(read(tarOf([{ path: 'x', type: 'x', content: '999 path=cut' }])), TarError);
    await assert.rejects(read(tarOf([{ path: 'x', type: 'L', size: 1e9 }])), TarError);
  });
});
