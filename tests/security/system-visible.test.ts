import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { openBubblewrap } from '../../src/adapters/sandboxes/bubblewrap.ts';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import { attachProbe, probeOptions, RUNTIME, writeTree } from '../sandbox/probe.ts';

const refusal = await bubblewrapRefusal(lookAtMachine());

test('a guest that sees a folder of the machine does not see the data folder in it', {
  skip: refusal ?? false,
}, async () => {
  const seen = mkdtempSync(`${tmpdir()}/mayfly-seen-`);
  chmodSync(seen, 0o755);
  const data = `${seen}/node/data`;
  mkdirSync(data, { recursive: true });
  writeFileSync(`${data}/operator-token`, 'secret');
  writeFileSync(`${seen}/node/readable`, 'of the machine');
  const options = probeOptions(data);
  const program = { ...(await options.runtimes.find(RUNTIME))!, system: true, folders: [seen] };
  const driver = await openBubblewrap({ ...options, runtimes: { find: async () => program } });
  try {
    const sandbox = await driver.start({ id: 'seen', runtime: RUNTIME, network: 'none', memoryMb: 256 });
    const probe = attachProbe(sandbox);
    await probe.booted;
    const tree = await writeTree(data, { 'index.js': 'module.exports = 1' });
    const code = await sandbox.giveCode(tree);
    const look = `const fs = require('node:fs');
      let wrote = 'yes';
      try { fs.writeFileSync(argument.data + '/new', 'x'); } catch (thrown) { wrote = thrown.code; }
      return [fs.readFileSync(argument.seen + '/node/readable', 'utf8'), fs.readdirSync(argument.data), wrote, require(argument.code)];`;
    assert.deepEqual(await probe.run(look, { seen, data, code: `${code}/index.js` }), [
      'of the machine',
      [],
      'EROFS',
      1,
    ]);
  } finally {
    await driver.close();
    rmSync(seen, { recursive: true, force: true });
  }
});
