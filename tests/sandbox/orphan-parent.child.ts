import { openBubblewrap } from '../../src/adapters/sandboxes/bubblewrap.ts';
import { openProcesses } from '../../src/adapters/sandboxes/process.ts';
import { attachProbe, probeOptions, RUNTIME, writeTree } from './probe.ts';

/**
 * A platform process for `orphans.test.ts`: starts two guests, gives one a code tree and a child that leaves its process group, freezes
 * the other, says `ready`, and waits to be killed. Arguments: driver, folder, mark.
 */
const [kind, folder, mark] = process.argv.slice(2) as [string, string, string];
const open = kind === 'sandbox' ? openBubblewrap : openProcesses;
const driver = await open(probeOptions(folder));
const spec = { runtime: RUNTIME, network: 'none', memoryMb: 256 } as const;
const busy = await driver.start({ id: 'busy', ...spec });
const frozen = await driver.start({ id: 'frozen', ...spec });
const child = `
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', argument], { detached: true, stdio: 'ignore' });
  await new Promise((resolve) => child.once('spawn', resolve));`;
for (const sandbox of [busy, frozen]) {
  const probe = attachProbe(sandbox);
  await probe.booted;
  await probe.run(child, mark);
}
await busy.giveCode(await writeTree(folder, { 'index.js': '' }));
busy.channel.write(`${JSON.stringify({ id: 99, body: 'setImmediate(() => { for (;;); })' })}\n`);
frozen.freeze();
console.log('ready');
setInterval(() => {}, 1_000);
