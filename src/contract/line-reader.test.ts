import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineReader } from './line-reader.ts';

const seed = Date.now() & 0x7fffffff;
console.log(`# fast-check seed ${seed}`);

function read(chunks: readonly Buffer[], lineBytesMax: number): string[] {
  const lines: string[] = [];
  const reader = new LineReader(lineBytesMax, (line) => lines.push(line));
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return lines;
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [0, ...at.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.subarray(places[i]!, end));
}

test('lines are told as they end, empty ones not, an unfinished one at the end', () => {
  const lines: string[] = [];
  const reader = new LineReader(100, (line) => lines.push(line));
  reader.push(Buffer.from('one\n\ntw'));
  assert.deepEqual(lines, ['one']);
  reader.push(Buffer.from('o\nthree'));
  assert.deepEqual(lines, ['one', 'two']);
  reader.end();
  reader.end();
  assert.deepEqual(lines, ['one', 'two', 'three']);
});

test('a line over the bound is cut there and not inside a character', () => {
  assert.deepEqual(read([Buffer.from('abcdefghij\nk')], 4), ['abcd', 'efgh', 'ij', 'k']);
  assert.deepEqual(read([Buffer.from('abcd\nefgh')], 4), ['abcd', 'efgh']);
  assert.deepEqual(read([Buffer.from('abcäöü')], 4), ['abc', 'äö', 'ü']);
  assert.deepEqual(read([Buffer.from('a😀b')], 4), ['a', '😀', 'b']);
});

test('however the bytes are cut, nothing is lost, and no line is longer than the bound', () => {
  const text = fc
    .array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.constant('\n')))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.array(fc.nat(500)), fc.integer({ min: 4, max: 20 }), (written, at, lineBytesMax) => {
      const bytes = Buffer.from(written);
      const lines = read(cut(bytes, at), lineBytesMax);
      assert.deepEqual(lines, read([bytes], lineBytesMax));
      assert.equal(lines.join(''), bytes.toString('utf8').replaceAll('\n', ''));
      for (const line of lines) assert.ok(Buffer.byteLength(line) <= lineBytesMax);
    }),
    { seed, numRuns: 500 },
  );
});

test('bytes that are no text are told within the bound too', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(300)), (bytes, at) => {
      const whole = Buffer.from(bytes);
      assert.deepEqual(read(cut(whole, at), 7), read([whole], 7));
    }),
    { seed, numRuns: 300 },
  );
});
