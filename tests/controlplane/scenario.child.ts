/**
 * Does what a scenario does, and dies at a checkpoint: `node scenario.child.ts FOLDER SCENARIO N`. It is killed at the Nth checkpoint
 * that it comes past; each is told on standard output.
 */
import { writeSync } from 'node:fs';
import { openFolder, SCENARIOS } from './release-scenarios.ts';

const [folder = '', scenario = '', last = '0'] = process.argv.slice(2);
let passed = 0;
const opened = await openFolder(folder, (name) => {
  writeSync(1, `${name}\n`);
  if (++passed < Number(last)) return;
  process.kill(process.pid, 'SIGKILL');
  for (;;);
});
await SCENARIOS[scenario]!.act(opened);
await opened.close();
