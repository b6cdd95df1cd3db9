import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import { makeNodeFolder, NodeProcess, removeNodeFolder } from '../harness/node-process.ts';
import { eventually } from '../harness/test-node.ts';

const CLIENTS = 100;
/** A slow client sends so often, one byte at a time, ms. */
const TRICKLE_MS = 100;

const APP = {
  'mayfly.yaml': `
keepAlive: 100ms
functions:
  single: { concurrency: { max: 1 } }
  echo: { concurrency: { perInstance: 50 } }
  slow: { concurrency: { perInstance: 50 } }
  endless: { concurrency: { perInstance: 50 } }
`,
  'functions/single.ts': `export default async (request: Request) => 'got ' + (await request.text()).length;`,
  'functions/echo.ts': `export default (request: Request) => new Response(request.body);`,
  'functions/slow.ts': `
    export default (request: Request) => new Promise((resolve) => {
      request.signal.addEventListener('abort', () => resolve('nobody listens'));
    });`,
  'functions/endless.ts': `
    export default () => new Response(new ReadableStream({
      pull(controller) { controller.enqueue(new Uint8Array(64 * 1024)); },
    }));`,
};

const refusal = await bubblewrapRefusal(lookAtMachine());

describe('clients that hold on to their connections', () => {
  let folder: string;
  let node: NodeProcess;
  const sockets = new Set<Socket>();
  before(async () => {
    folder = await makeNodeFolder();
    node = await NodeProcess.start(folder, {
      isolation: refusal === null ? 'sandbox' : 'process',
      headersTimeoutMs: '1s',
      requestTimeoutMs: '2s',
      stalledClientMs: '1s',
      prewarmMin: '2',
      prewarmMax: '2',
    });
    await node.deploy('app', APP);
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await node.stop('SIGKILL');
    await removeNodeFolder(folder);
  });

  /** A connection that has sent `text`. */
  const open = (text: string): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(node.gatewayUrl);
      const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      socket.once('error', reject);
      socket.write(text, () => {
        socket.on('error', () => {});
        resolve(socket);
      });
    });
  const openAll = (text: string): Promise<Socket[]> =>
    Promise.all(Array.from({ length: CLIENTS }, () => open(text)));

  /** Sends `byte` again and again until the connection is closed; what was received. */
  const trickle = (socket: Socket, byte: string): Promise<string> => {
    const timer = setInterval(() => socket.write(byte), TRICKLE_MS);
    let received = '';
    socket.setEncoding('latin1').on('data', (part) => {
      received += part;
    });
    socket.on('end', () => socket.destroy());
    return new Promise((resolve) => {
      socket.once('close', () => {
        clearInterval(timer);
        resolve(received);
      });
    });
  };

  const othersAreServed = async () => {
    for (let i = 0; i < 20; i++) {
      const answer = await node.ask('/@app/single', { method: 'POST', body: 'four' });
      assert.deepEqual([answer.status, answer.text], [200, 'got 4']);
    }
  };
  const comesToRest = () =>
    eventually(async () => {
      const { calls } = await node.status();
      return calls.inFlight === 0 && calls.waiting === 0;
    });
  const outcomes = async (name: string) => (await node.usageOf(`app/${name}`)) ?? { calls: 0, errors: 0 };

  test('sending headers slowly are cut off, and hold up nobody', async () => {
    const clients = await openAll('GET /@app/single HTTP/1.1\r\nhost: x\r\nx-slow: ');
    const received = Promise.all(clients.map((socket) => trickle(socket, 'y')));
    await othersAreServed();
    for (const text of await received) assert.match(text, /^HTTP\/1.1 408 /);
    await comesToRest();
  });

  test('sending small bodies slowly hold no instance', async () => {
    const before = await outcomes('single');
    const clients = await openAll(
      'POST /@app/single HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nsome of it',
    );
    const received = Promise.all(clients.map((socket) => trickle(socket, 'y')));
    await othersAreServed();
    for (const text of await received) assert.match(text, /^HTTP\/1.1 408 /);
    await comesToRest();
    assert.equal((await outcomes('single')).calls, before.calls + 20, 'half a request is no call');
  });

  test('sending streams slowly are cut off, and their calls end', async () => {
    const clients = await openAll(
      'POST /@app/echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n4\r\nsome\r\n',
    );
    await eventually(async () => (await node.status()).calls.inFlight >= 2);
    const received = Promise.all(clients.map((socket) => trickle(socket, '1\r\ny\r\n')));
    await othersAreServed();
    await received;
    await comesToRest();
    const { calls, errors } = await eventually(async () => {
      const row = await outcomes('echo');
      return row.calls === CLIENTS ? row : null;
    });
    assert.equal(errors, calls);
  });

  test('that take nothing of an answer are cut off', async () => {
    const clients = await openAll('GET /@app/endless HTTP/1.1\r\nhost: x\r\n\r\n');
    for (const socket of clients) socket.pause();
    await othersAreServed();
    await comesToRest();
    const { calls, errors } = await outcomes('endless');
    assert.deepEqual([calls, errors], [CLIENTS, CLIENTS]);
  });

  test('that close their half of it have gone: their calls are told', async () => {
    const clients = await openAll('GET /@app/slow HTTP/1.1\r\nhost: x\r\n\r\n');
    await eventually(async () => (await node.status()).calls.inFlight === CLIENTS);
    for (const socket of clients) socket.end();
    await comesToRest();
    const { calls, errors } = await outcomes('slow');
    assert.deepEqual([calls, errors], [CLIENTS, CLIENTS]);
  });

  test('that reset them leave nothing behind', async () => {
    await comesToRest();
    await toZero();
    const idle = openDescriptors();
    const clients = await openAll('GET /@app/slow HTTP/1.1\r\nhost: x\r\n\r\n');
    await eventually(async () => (await node.status()).calls.inFlight === CLIENTS);
    for (const socket of clients) socket.resetAndDestroy();
    await comesToRest();
    const { calls, errors } = await outcomes('slow');
    assert.deepEqual([calls, errors], [2 * CLIENTS, 2 * CLIENTS]);

    const listeners = await openAll('GET /@app/endless HTTP/1.1\r\nhost: x\r\n\r\n');
    await Promise.all(listeners.map((socket) => new Promise((resolve) => socket.once('data', resolve))));
    for (const socket of listeners) socket.resetAndDestroy();
    await comesToRest();
    await toZero();
    await eventually(() => openDescriptors() <= idle);
    await othersAreServed();
    assert.equal((await node.stop()).code, 0);
  });

  /** Every instance has been given up. */
  const toZero = () =>
    eventually(async () => {
      const { prewarmed, ...others } = (await node.status()).instances;
      return prewarmed === 2 && Object.values(others).every((count) => count === 0);
    });
  const openDescriptors = () => readdirSync(`/proc/${node.pid}/fd`).length;
});
