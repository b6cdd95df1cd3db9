/**
 * Deploys one release after another until it is killed: `node deploys.child.ts DATABASE FIRST`. Release n carries n in
 * every function and in a variable changed just before; each is told on standard output once the deploy was answered.
 */
import { startBarePlane } from './bare-plane.ts';
import { deployOf, sha256Of } from './control-fixtures.ts';
import { MemoryArtifacts } from './memory-artifacts.ts';

const [path = '', first = '0'] = process.argv.slice(2);
const artifacts = new MemoryArtifacts();
artifacts.blobs.set(sha256Of('code'), Buffer.from('code'));
const plane = await startBarePlane(path, { artifacts });
for (let n = Number(first); ; n++) {
  const code = { code: 'code', extra: { env: { N: String(n) } } };
  const pair = (name: string) => ({ name, value: String(n), secret: name === 'B' });
  await plane.variables.change('shop', 'production', { set: [pair('A'), pair('B')] });
  await plane.deploys.deploy('shop', deployOf('shop', { one: code, two: code, three: code }), 'loop');
  process.stdout.write(`${n}\n`);
}
