import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { DataFolder } from './data-folder.ts';

describe('the data folder', () => {
  let parent: string;
  let path: string;
  let opened: DataFolder[];
  const open = (): DataFolder => {
    const folder = DataFolder.open(path);
    opened.push(folder);
    return folder;
  };
  const close = (): void => {
    for (const folder of opened.splice(0)) folder.close();
  };
  const modeOf = (name: string): number => statSync(join(path, name)).mode & 0o777;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'mayfly-data-'));
    path = join(parent, 'deep', 'data');
    opened = [];
  });
  afterEach(() => {
    close();
    rmSync(parent, { recursive: true, force: true });
  });

  test('secrets are made once, for the owner only, and stay', () => {
    const first = open();
    const token = first.operatorToken();
    const key = first.masterKey();
    assert.match(token, /^mfy_[\w-]{43}$/);
    assert.equal(key.length, 32);
    for (const name of ['operator-token', 'master.key']) {
      assert.equal(modeOf(name), 0o600);
      assert.ok(!existsSync(join(path, `${name}.new`)));
    }
    close();
    const second = open();
    assert.equal(second.operatorToken(), token);
    assert.deepEqual(second.masterKey(), key);
  });

  test('a secret that others could read is closed again', () => {
    open().operatorToken();
    chmodSync(join(path, 'operator-token'), 0o644);
    opened[0]!.operatorToken();
    assert.equal(modeOf('operator-token'), 0o600);
  });

  test('what a crash left half-written is not taken, nor its mode', () => {
    const folder = open();
    for (const name of ['operator-token', 'master.key']) {
      writeFileSync(join(path, `${name}.new`), 'mfy_ha', { mode: 0o666 });
      chmodSync(join(path, `${name}.new`), 0o666);
    }
    assert.equal(folder.operatorToken().length, 47);
    assert.equal(folder.masterKey().length, 32);
    for (const name of ['operator-token', 'master.key']) assert.equal(modeOf(name), 0o600);
  });

  test('a damaged secret is refused, never replaced', () => {
    const folder = open();
    for (const text of ['', '\n', 'mfy_short', `mfy_${'x'.repeat(20)} y`]) {
      writeFileSync(join(path, 'operator-token'), text);
      assert.throws(() => folder.operatorToken(), {
        code: 'CONFIG_INVALID',
        message: /operator-token is damaged/,
      });
      assert.equal(readFileSync(join(path, 'operator-token'), 'utf8'), text);
    }
    for (const text of ['', 'c2hvcnQ=', Buffer.alloc(33).toString('base64')]) {
      writeFileSync(join(path, 'master.key'), text);
      assert.throws(() => folder.masterKey(), { code: 'CONFIG_INVALID', message: /master\.key is damaged/ });
      assert.equal(readFileSync(join(path, 'master.key'), 'utf8'), text);
    }
  });

  test('one node at a time, in this process and in another', () => {
    open();
    assert.throws(() => DataFolder.open(path), { code: 'DATA_LOCKED' });
    const script = `
      import { DataFolder } from ${JSON.stringify(join(import.meta.dirname, 'data-folder.ts'))};
      try { DataFolder.open(${JSON.stringify(path)}); console.log('opened'); process.kill(process.pid, 'SIGKILL'); }
      catch (error) { console.log(error.code); }`;
    const other = (): string =>
      spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).stdout.trim();
    assert.equal(other(), 'DATA_LOCKED');
    close();
    assert.equal(other(), 'opened');
    // The other one was killed with the lock: it is free again.
    open();
  });

  test('the format is written, and what this program does not know is refused and frees the lock', () => {
    open();
    assert.equal(readFileSync(join(path, 'format'), 'utf8'), '1\n');
    close();
    for (const text of ['2\n', '10', '', 'one', '1.5', '-1']) {
      writeFileSync(join(path, 'format'), text);
      assert.throws(() => DataFolder.open(path), { code: 'DATA_NEWER' }, JSON.stringify(text));
    }
    writeFileSync(join(path, 'format'), '1');
    open();
  });

  test('subfolders have their mode whatever the umask and whatever they had', () => {
    const before = process.umask(0o077);
    try {
      const folder = open();
      folder.folder('run');
      folder.folder('logs', 0o700);
    } finally {
      process.umask(before);
    }
    assert.deepEqual([modeOf('.'), modeOf('run'), modeOf('logs')], [0o711, 0o711, 0o700]);
    chmodSync(join(path, 'logs'), 0o777);
    opened[0]!.folder('logs', 0o700);
    assert.equal(modeOf('logs'), 0o700);
  });

  test('a running node is announced, one that stopped is not', () => {
    const node = { pid: 1, gatewayUrl: 'http://a', controlUrl: 'http://b', edgeUrl: 'http://c' };
    open().announce(node);
    assert.deepEqual(JSON.parse(readFileSync(join(path, 'run', 'node.json'), 'utf8')), node);
    close();
    assert.ok(!existsSync(join(path, 'run', 'node.json')));
  });

  test('a place that cannot be a folder is the operator’s to correct', () => {
    const file = join(parent, 'file');
    writeFileSync(file, '');
    for (const place of [file, join(file, 'below')]) {
      assert.throws(() => DataFolder.open(place), { code: 'CONFIG_INVALID', message: /cannot be used/ });
    }
    path = join(parent, 'odd');
    open();
    close();
    writeFileSync(join(path, 'lock'), 'this is no database, and long enough to be told from one');
    assert.throws(() => DataFolder.open(path), { code: 'CONFIG_INVALID' });
  });
});
