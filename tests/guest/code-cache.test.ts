import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bundleGuest } from '../../src/build/guest-bundle.ts';
import { guestWithCodeCache, makeCodeCache, partsOf } from '../../src/build/guest-code-cache.ts';
import { GuestDriver } from './guest-driver.ts';

describe('the code cache of the guest', () => {
  let root: string;
  let shipped: string;
  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'mayfly-code-cache-'));
    mkdirSync(join(root, 'shipped'));
    shipped = join(root, 'shipped', 'node.cjs');
    await bundleGuest(shipped);
  });
  after(async () => {
    rmSync(root, { recursive: true });
    await GuestDriver.clean();
  });

  const cacheIn = (folder: string): string | undefined =>
    readdirSync(folder).find((name) => name.endsWith('.cache'));

  /** Whether V8 takes the cache in a new process. */
  function taken(folder: string): boolean {
    const code = `
      const { readFileSync } = require('node:fs');
      const cachedData = readFileSync(${JSON.stringify(join(folder, cacheIn(folder)!))});
      const source = readFileSync(${JSON.stringify(join(folder, 'node.program.js'))}, 'latin1');
      process.stdout.write(String(new (require('node:vm').Script)(source, { cachedData }).cachedDataRejected));`;
    const told = execFileSync(process.execPath, ['-e', code], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
    return told === 'false';
  }

  async function answers(guestFile: string): Promise<void> {
    const files = {
      'index.mjs': 'await 0; export default async (r) => new Response(r.method + await r.text());',
    };
    await using guest = await GuestDriver.boot(files, {}, guestFile);
    assert.equal(await guest.specialise(), null);
    const answer = await guest.invoke({ http: { method: 'POST' }, body: ' x' });
    assert.equal(answer.body.toString(), 'POST x');
    assert.deepEqual(guest.logs, []);
  }

  test('is made once in the folder of the node, and V8 takes it', async () => {
    const own = join(root, 'own');
    mkdirSync(own);
    const guestFile = await guestWithCodeCache(shipped, own);
    assert.equal(dirname(guestFile), own);
    assert.ok(taken(own));
    assert.deepEqual(partsOf(guestFile).length, 2);
    await answers(guestFile);
    const made = statSync(join(own, cacheIn(own)!)).ino;
    assert.equal(await guestWithCodeCache(shipped, own), guestFile);
    assert.equal(statSync(join(own, cacheIn(own)!)).ino, made);
  });

  test('is made anew for another program', async () => {
    const own = join(root, 'older');
    mkdirSync(own);
    for (const name of ['node.cjs', 'node.program.js']) writeFileSync(join(own, name), '// older');
    writeFileSync(join(own, 'node-v0.0.0-x64.cache'), 'of another Node');
    const guestFile = await guestWithCodeCache(shipped, own);
    assert.deepEqual(readFileSync(guestFile), readFileSync(shipped));
    await answers(guestFile);
  });

  test('is used where it was shipped', async () => {
    const folder = join(root, 'published');
    mkdirSync(folder);
    const guestFile = join(folder, 'node.cjs');
    await bundleGuest(guestFile);
    assert.equal(partsOf(guestFile).length, 1);
    await makeCodeCache(guestFile);
    assert.ok(taken(folder));
    assert.equal(await guestWithCodeCache(guestFile, join(root, 'nowhere')), guestFile);
  });

  test('is no reason to fail when it is damaged or missing', async () => {
    const folder = join(root, 'damaged');
    mkdirSync(folder);
    const guestFile = join(folder, 'node.cjs');
    await bundleGuest(guestFile);
    await answers(guestFile);
    const cacheFile = join(folder, `node-${process.version}-${process.arch}.cache`);
    for (const content of ['', 'no cache', Buffer.alloc(300_000, 7)]) {
      writeFileSync(cacheFile, content);
      await answers(guestFile);
    }
  });
});
