import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import sharp from 'sharp';
import thumbnail from '../../examples/quickstart/functions/thumbnail.ts';
import wordcount from '../../examples/quickstart/functions/wordcount.ts';
import { WordCount } from '../../examples/quickstart/src/word-count.ts';

const data = join(import.meta.dirname, '../../examples/quickstart/data');
const photograph = await readFile(join(data, 'rocket.jpg'));
const book = await readFile(join(data, 'opticks.txt'));

function post(body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Request {
  return new Request('http://quickstart.localhost/', { method: 'POST', body, headers });
}

test('the photograph comes back small, and marked in its lower right corner only', async () => {
  const response = await thumbnail.fetch(post(new Uint8Array(photograph)));
  assert.equal(response.headers.get('content-type'), 'image/jpeg');
  const answer = await response.bytes();
  const { format, width, height } = await sharp(answer).metadata();
  assert.deepEqual([format, width, height], ['jpeg', 320, 214]);

  const expected = await sharp(photograph).resize(320).removeAlpha().raw().toBuffer();
  const actual = await sharp(answer).removeAlpha().raw().toBuffer();
  const difference = (left: number, top: number, side: number): number => {
    let sum = 0;
    for (let y = top; y < top + side; y++) {
      for (let at = (y * 320 + left) * 3; at < (y * 320 + left + side) * 3; at++) {
        sum += Math.abs((actual[at] ?? 0) - (expected[at] ?? 0));
      }
    }
    return sum / (side * side * 3);
  };
  assert.ok(difference(320 - 60, 214 - 60, 56) > 25, 'the corner is not marked');
  assert.ok(difference(10, 10, 56) < 6, 'the rest is changed');
});

test('WebP for those who take it; no picture, no thumbnail', async () => {
  const webp = await thumbnail.fetch(post(new Uint8Array(photograph), { accept: 'image/webp,*/*' }));
  assert.equal(webp.headers.get('content-type'), 'image/webp');
  assert.equal((await sharp(await webp.bytes()).metadata()).format, 'webp');
  const refused = await thumbnail.fetch(post(new Uint8Array(book)));
  assert.equal(refused.status, 400);
});

test('the book is counted as wc counts it', async () => {
  const response = await wordcount.fetch(post(new Uint8Array(book)));
  const { bytes, lines, words, top } = (await response.json()) as ReturnType<WordCount['finish']>;
  assert.deepEqual({ bytes, lines, words }, { bytes: 567_198, lines: 9_285, words: 100_801 });
  assert.deepEqual(top.slice(0, 3), [
    { word: 'the', count: 9_825 },
    { word: 'of', count: 5_241 },
    { word: 'and', count: 4_183 },
  ]);
});

test('where a text is cut into chunks does not matter', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'B', "'", 'é', '𝒳', ' ', '\n', '\t', '-', '1'),
    maxLength: 60,
  });
  fc.assert(
    fc.property(text, fc.array(fc.nat(8)), (written, sizes) => {
      const whole = new WordCount();
      const bytes = new TextEncoder().encode(written);
      whole.add(bytes);
      const cut = new WordCount();
      let start = 0;
      for (const size of [...sizes, bytes.length]) {
        cut.add(bytes.subarray(start, start + size));
        start += size;
      }
      const counted = cut.finish();
      assert.deepEqual(counted, whole.finish());
      assert.equal(counted.words, written.split(/\s+/).filter((word) => word !== '').length);
    }),
  );
});
