/**
 * `npm run build`: makes `dist/`, which is what the published package runs (Node strips no types below node_modules): the
 * platform with the packages it uses, bundled, beside the guest as the files that a sandbox is given.
 */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundleGuest, bundleSupervisor } from '../src/build/guest-bundle.ts';
import { makeCodeCache } from '../src/build/guest-code-cache.ts';
import { licencesOf } from './build/licences.ts';
import { bundlePlatform } from './build/platform-bundle.ts';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
const [{ inputs }, guestSources, supervisorSources] = await Promise.all([
  bundlePlatform(root, dist),
  bundleGuest(join(dist, 'guest', 'node.cjs')),
  bundleSupervisor(join(dist, 'guest', 'supervisor.cjs')),
]);
cpSync(join(root, 'guest', 'python'), join(dist, 'guest', 'python'), {
  recursive: true,
  filter: (path) => !path.includes('__pycache__'),
});
await makeCodeCache(join(dist, 'guest', 'node.cjs'));
writeFileSync(
  join(dist, 'LICENCES.txt'),
  licencesOf(root, [...Object.keys(inputs), ...guestSources, ...supervisorSources]),
);
