import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite, test } from 'node:test';
import { oneByOne, openLoop } from './load.ts';
import { atLeast, atMost, isMet, ratioAtLeast } from './scenario.ts';
import { median, quantile } from './statistics.ts';
import { renderReport, reportOf } from './table.ts';

async function withServer(
  answer: (count: number) => { status: number; afterMs: number; close?: boolean },
  use: (url: string) => Promise<void>,
): Promise<number> {
  let count = 0;
  const server = createServer((_request, response) => {
    const { status, afterMs, close = false } = answer(count++);
    const send = (): void => {
      if (close) response.setHeader('connection', 'close');
      response.writeHead(status);
      // Without a length: chunked.
      response.write('two ');
      response.end('parts');
    };
    if (afterMs === 0) send();
    else setTimeout(send, afterMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return count;
}

suite('benchmark harness', () => {
  test('quantiles are those of the nearest rank', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2);
    assert.equal(quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.99), 10);
    assert.equal(quantile([], 0.5), Number.NaN);
  });

  test('an open loop sends every request, and counts the wait for a free connection', async () => {
    const served = await withServer(
      (count) => ({ status: 200, afterMs: count === 0 ? 200 : 0 }),
      async (url) => {
        const found = await openLoop(url, { perSecond: 200, seconds: 0.5, connections: 1 });
        assert.deepEqual([found.sent, found.errors], [100, 0]);
        // One answer held up the only connection for 200 ms: those behind it were late, and say so.
        assert.ok(found.maxMs >= 199, `longest ${found.maxMs}`);
        assert.ok(found.p99Ms >= 150, `p99 ${found.p99Ms}`);
      },
    );
    assert.equal(served, 100);
  });

  test('answers that are not 200 are errors', async () => {
    await withServer(
      (count) => ({ status: count % 2 === 0 ? 200 : 503, afterMs: 0 }),
      async (url) => {
        const found = await openLoop(url, { perSecond: 500, seconds: 0.1, connections: 4 });
        assert.deepEqual([found.sent, found.errors], [50, 25]);
        await assert.rejects(oneByOne(url, 2), /answered 503/);
      },
    );
  });

  test('connections that the server closes after an answer are replaced, and nothing hangs', async () => {
    const served = await withServer(
      () => ({ status: 200, afterMs: 0, close: true }),
      async (url) => {
        const found = await openLoop(url, { perSecond: 500, seconds: 0.1, connections: 2 });
        assert.equal(found.sent, 50);
        assert.ok(found.errors < 50, `${found.errors} errors`);
      },
    );
    assert.ok(served > 0);
  });

  test('promises are judged by value and by ratio', () => {
    const figure = { what: 'x', value: 50, unit: 'ms', yardstick: { what: 'y', value: 100 } };
    assert.equal(isMet(figure), null);
    assert.equal(isMet({ ...figure, promises: [atMost(50), ratioAtLeast(0.5)] }), true);
    assert.equal(isMet({ ...figure, promises: [atMost(50), ratioAtLeast(0.51)] }), false);
    assert.equal(isMet({ ...figure, value: Number.NaN, promises: [atLeast(1)] }), null);
  });

  test('the table shows value, yardstick, ratio, promise and verdict', () => {
    const scenario = {
      name: 'demo',
      title: 'a demonstration',
      notMeasured: ['everything else'],
      run: async () => [],
    };
    const figures = [
      {
        what: 'speed',
        value: 12_345.6,
        unit: 'calls/s',
        yardstick: { what: 'bare', value: 10_000 },
        promises: [atLeast(15_000)],
      },
      { what: 'peer', value: Number.NaN, unit: 'calls/s', note: 'not installed' },
    ];
    const text = renderReport(reportOf(scenario, figures, false));
    assert.match(
      text,
      /^speed +12,346 calls\/s +10,000 calls\/s \(bare\) +1\.23 × +≥ 15,000 calls\/s +MISSED$/m,
    );
    assert.match(text, /^peer +not installed$/m);
    assert.match(text, /^Not measured: everything else$/m);
  });
});
