import assert from 'node:assert/strict';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { eventually, TestNode } from '../harness/test-node.ts';

const MEGABYTE = 2 ** 20;
const BODY_BYTES = 64 * MEGABYTE;
/** What a body of 64 MB may add to the memory of the platform (and of this test's client, which shares its process). */
const GROWTH_BYTES_MAX = 60 * MEGABYTE;

const APP = {
  'mayfly.yaml': `
timeout: 30s
functions:
  pour: {}
  swallow: {}
`,
  'functions/pour.ts': `
    const part = new Uint8Array(256 * 1024);
    export default () => {
      let left = ${BODY_BYTES / (256 * 1024)};
      return new Response(new ReadableStream({
        pull(controller) {
          if (left-- > 0) controller.enqueue(part);
          else controller.close();
        },
      }));
    };`,
  'functions/swallow.ts': `
    export default async (request: Request) => {
      let bytes = 0;
      let parts = 0;
      for await (const part of request.body!) {
        bytes += part.length;
        if (parts++ % 64 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      }
      return String(bytes);
    };`,
};

describe('bodies that are larger than anybody keeps', () => {
  let node: TestNode;
  before(async () => {
    node = await TestNode.start({ isolation: 'process' });
    await node.deploy('flow', APP);
    // What grows once, at the first call of all, is no part of the measurement.
    assert.equal((await node.ask('/@flow/swallow', { method: 'POST', body: 'x' })).text, '1');
    assert.equal((await node.ask('/@flow/pour')).body.length, BODY_BYTES);
  });
  after(() => node.close());

  const start = (
    path: string,
    method: string,
  ): { req: ClientRequest; answered: Promise<IncomingMessage> } => {
    const req = httpRequest(`${node.gatewayUrl}${path}`, { method, agent: false });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      req.on('response', resolve);
      req.on('error', reject);
    });
    return { req, answered };
  };

  /** The most memory that the process has while `act` runs, over what it had before. */
  const growthDuring = async (act: (sample: () => void) => Promise<void>): Promise<number> => {
    const before = process.memoryUsage.rss();
    let most = before;
    await act(() => {
      most = Math.max(most, process.memoryUsage.rss());
    });
    return most - before;
  };

  test('a slow reader holds the function back, not the platform’s memory', async () => {
    const growth = await growthDuring(async (sample) => {
      const { req, answered } = start('/@flow/pour', 'GET');
      req.end();
      const response = await answered;
      response.pause();
      // Everybody's buffers are full when nothing moves any more.
      let last = -1;
      await eventually(async () => {
        const { bytesRead } = response.socket;
        const still = bytesRead === last;
        last = bytesRead;
        await new Promise((resolve) => setTimeout(resolve, 50));
        return still;
      });
      assert.ok(last < BODY_BYTES / 2, `${last} bytes came to a client that does not read`);
      let bytes = 0;
      for await (const part of response) {
        bytes += (part as Buffer).length;
        sample();
      }
      assert.equal(bytes, BODY_BYTES);
    });
    assert.ok(growth < GROWTH_BYTES_MAX, `${growth} bytes more`);
  });

  test('a slow function holds the client back, not the platform’s memory', async () => {
    const growth = await growthDuring(async (sample) => {
      const { req, answered } = start('/@flow/swallow', 'POST');
      const part = Buffer.alloc(MEGABYTE / 4);
      let waited = 0;
      for (let sent = 0; sent < BODY_BYTES; sent += part.length) {
        if (!req.write(part)) {
          waited++;
          await new Promise((resolve) => req.once('drain', resolve));
        }
        sample();
      }
      req.end();
      const response = await answered;
      let text = '';
      for await (const piece of response.setEncoding('utf8')) text += piece;
      assert.equal(text, String(BODY_BYTES));
      assert.ok(waited > 0);
    });
    assert.ok(growth < GROWTH_BYTES_MAX, `${growth} bytes more`);
  });
});
