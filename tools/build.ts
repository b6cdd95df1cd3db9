/**
 * `npm run build`: makes `dist/`, which is what the published package runs. Node strips no types below node_modules, so
 * the source is emitted as JavaScript, file by file, beside the guest as the one file that a sandbox is given.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundleGuest } from '../src/build/guest-bundle.ts';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
const { status } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['--project', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(1);
await bundleGuest(join(dist, 'guest', 'node.cjs'));

for (const needed of ['main.js', 'guest/node.cjs']) {
  if (existsSync(join(dist, needed))) continue;
  console.error(`dist/${needed} was not built.`);
  process.exitCode = 1;
}
