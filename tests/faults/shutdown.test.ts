import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import { MayflyError } from '../../src/domain/errors.ts';
import { findStrays } from '../../tools/testing/leftovers.ts';
import { makeNodeFolder, NodeProcess, type NodeSettings, removeNodeFolder } from '../harness/node-process.ts';
import { eventually } from '../harness/test-node.ts';
import { ledgerOnDisk, logsOnDisk } from './node-remains.ts';

const APP = {
  'mayfly.yaml': `
functions:
  never: { timeout: 5m, concurrency: { max: 1 } }
`,
  'functions/slow.ts': `
    process.on('SIGTERM', () => console.log('told to go'));
    export default async (request: Request) => {
      await new Promise((resolve) => setTimeout(resolve, 1500));
      return 'done';
    };`,
  'functions/stream.ts': `
    export default () => new Response(new ReadableStream({
      async start(controller) {
        for (let part = 0; part < 15; part++) {
          controller.enqueue(new TextEncoder().encode('part ' + part + ';'));
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        controller.close();
      },
    }));`,
  'functions/after.ts': `
    export default { fetch(request: Request, env: unknown, ctx: any) {
      ctx.waitUntil(new Promise<void>((resolve) => setTimeout(() => { console.log('worked on'); resolve(); }, 1500)));
      return 'answered';
    } };`,
  'functions/never.ts': `export default () => new Promise(() => { setInterval(() => {}, 1000); });`,
};
const PARTS = Array.from({ length: 15 }, (_, part) => `part ${part};`).join('');

const refusal = await bubblewrapRefusal(lookAtMachine());

describe('a node that is told to stop', () => {
  let folder: string;
  let node: NodeProcess;
  const start = async (settings: NodeSettings): Promise<void> => {
    node = await NodeProcess.start(folder, {
      isolation: refusal === null ? 'sandbox' : 'process',
      ...settings,
    });
  };
  before(async () => {
    folder = await makeNodeFolder();
    await start({});
    await node.deploy('app', APP);
    await node.stop();
  });
  afterEach(() => node.stop('SIGKILL'));
  after(() => removeNodeFolder(folder));

  const inFlight = (count: number) => eventually(async () => (await node.status()).calls.inFlight === count);
  const refusesConnections = () => eventually(() => isRefused(node.gatewayUrl));
  const outcomes = async (name: string): Promise<string[]> =>
    (await ledgerOnDisk(node.data)).filter((call) => call.function === name).map(({ outcome }) => outcome);

  test('finishes what is under way, takes nothing new, and exits with 0', async () => {
    await start({ drainTimeoutMs: '60s' });
    const agent = new Agent({ keepAlive: true });
    try {
      const calls = Promise.all([
        node.ask('/@app/slow', { agent }),
        node.ask('/@app/stream', { agent }),
        node.invoke('app', 'slow'),
      ]);
      const answered = await node.ask('/@app/after', { agent });
      assert.equal(answered.text, 'answered');
      await inFlight(4);
      node.process.child.kill('SIGTERM');
      await refusesConnections();
      assert.equal(node.process.child.exitCode, null, 'it did not wait');
      const [slow, stream, invoked] = await calls;
      assert.deepEqual([slow.status, slow.text], [200, 'done']);
      assert.deepEqual([stream.status, stream.text], [200, PARTS]);
      assert.equal(invoked, 'done');
      // Long before anything is cut: clients that keep their connections do not hold it up.
      await eventually(() => node.process.child.exitCode !== null);
      assert.equal((await node.process.ended).code, 0);
    } finally {
      agent.destroy();
    }
    assert.deepEqual(await outcomes('slow'), ['ok', 'ok']);
    assert.deepEqual(await outcomes('stream'), ['ok']);
    assert.deepEqual(await outcomes('after'), ['ok']);
    const lines = (await logsOnDisk(node.data)).map(({ message }) => message);
    assert.ok(lines.includes('worked on'));
    assert.ok(lines.includes('told to go'), 'idle instances may say goodbye');
    assert.deepEqual(await findStrays(folder), []);
  });

  test('gives up on what does not end in time, and says so', async () => {
    await start({ drainTimeoutMs: '300ms' });
    const calls = Promise.all([
      node.ask('/@app/never'),
      node.ask('/@app/never'),
      node.invoke('app', 'never').catch((error) => error),
    ]);
    await inFlight(3);
    const ended = await node.stop();
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(ended.stderr, '');
    const [running, waiting, invoked] = await calls;
    for (const answer of [running, waiting]) {
      assert.equal(answer.status, 503, answer.text);
      assert.equal((answer.json as { error: { code: string } }).error.code, 'SHUTTING_DOWN');
    }
    assert.ok(invoked instanceof MayflyError);
    assert.equal(invoked.code, 'SHUTTING_DOWN');
    assert.deepEqual(await outcomes('never'), ['SHUTTING_DOWN', 'SHUTTING_DOWN', 'SHUTTING_DOWN']);
    assert.deepEqual(await findStrays(folder), []);
  });

  test('cuts a client that never finishes its request', async () => {
    await start({ drainTimeoutMs: '300ms' });
    const { hostname, port } = new URL(node.gatewayUrl);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write('POST /@app/slow HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nsome');
    await new Promise((resolve) => socket.once('connect', resolve));
    assert.equal((await node.stop()).code, 0);
    await closed;
  });

  test('ends at once when told twice, and takes its sandboxes along', async () => {
    await start({ drainTimeoutMs: '60s' });
    const call = node.ask('/@app/never').then(
      () => 'answered',
      () => 'cut',
    );
    await inFlight(1);
    node.process.child.kill('SIGTERM');
    await refusesConnections();
    // Launchers repeat a signal: one that comes within half a second is taken for the same.
    await eventually(() => {
      node.process.child.kill('SIGTERM');
      return node.process.child.exitCode !== null;
    });
    assert.equal((await node.process.ended).code, 143);
    assert.equal(await call, 'cut');
    assert.deepEqual(await findStrays(folder), []);
  });

  test('makes asynchronous calls that it could not finish again', async () => {
    await start({ drainTimeoutMs: '300ms' });
    await node.invoke('app', 'never', { async: true });
    await inFlight(1);
    assert.equal((await node.stop()).code, 0);
    await start({ drainTimeoutMs: '300ms' });
    const { asyncCalls } = await node.status();
    assert.deepEqual(asyncCalls, { enqueued: 1, inFlight: 1, done: 0, dead: 0 });
    assert.equal((await node.stop()).code, 0);
  });
});

function isRefused(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}
