/**
 * Deploys one release after another until it is killed: `node deploys.child.ts DATABASE FIRST`. Release n carries n in
 * every function and in a variable changed just before; each is told on standard output once the deploy was answered.
 */
import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { SqliteReleaseStore } from '../../src/adapters/sqlite/release-store.ts';
import { startControlPlane } from '../../src/controlplane/control-plane.ts';
import { deployOf, sha256Of } from './control-fixtures.ts';
import { MemoryArtifacts } from './memory-artifacts.ts';

const [path = '', first = '0'] = process.argv.slice(2);
const artifacts = new MemoryArtifacts();
artifacts.blobs.set(sha256Of('code'), Buffer.from('code'));
const plane = await startControlPlane({
  store: new SqliteReleaseStore(openDatabase(path)),
  artifacts,
  publisher: { publish() {}, withdraw() {} },
  clock: { now: () => performance.now(), wall: () => Date.now() },
  masterKey: new Uint8Array(32),
  operatorToken: 'x'.repeat(32),
  abilities: { runtimes: ['nodejs24'], dialects: ['fetch'] },
  gatewayUrl: () => 'http://127.0.0.1:8080',
});
for (let n = Number(first); ; n++) {
  const code = { code: 'code', extra: { env: { N: String(n) } } };
  const pair = (name: string) => ({ name, value: String(n), secret: name === 'B' });
  await plane.variables.change('shop', 'production', { set: [pair('A'), pair('B')] });
  await plane.releases.deploy('shop', deployOf('shop', { one: code, two: code, three: code }), 'loop');
  process.stdout.write(`${n}\n`);
}
