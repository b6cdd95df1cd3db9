import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { headerList, headerRecord } from './header-fields.ts';

const NAMES = ['Accept', 'accept', 'Cookie', 'Content-Type', 'Host', 'Set-Cookie', 'X-One', 'x-one'] as const;

test("headers become a record as by Node's own server", () => {
  const header = fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom('', 'a', 'b; c=d', '1, 2'));
  fc.assert(
    fc.property(fc.array(header, { maxLength: 8 }), (pairs) => {
      const flat = pairs.flat();
      const message = new IncomingMessage(new Socket());
      // What Node's parser calls; its types leave it out.
      (message as unknown as { _addHeaderLines(lines: string[], count: number): void })._addHeaderLines(
        flat,
        flat.length,
      );
      assert.deepEqual(headerRecord(flat), { ...message.headers });
    }),
  );
});

test('a record becomes a list: lists repeat, nothing is left out', () => {
  const record = { a: 1, b: ['x', 'y'], c: null, d: undefined, e: false, f: [] };
  assert.deepEqual(headerList(record), ['a', '1', 'b', 'x', 'b', 'y', 'e', 'false']);
  for (const none of [null, undefined, 'text', 5]) assert.deepEqual(headerList(none), []);
});
