import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { TextCarver } from './text-carver.ts';

/** The carver's answer to a text that comes in parts of these sizes, over and over. */
function carve(text: string, sizes: readonly number[] = [65_536], path = ['Code', 'ZipFile']) {
  const carver = new TextCarver(path);
  const bytes = Buffer.from(text);
  for (let at = 0, n = 0; at < bytes.length; at += sizes[n++ % sizes.length]!)
    carver.push(bytes.subarray(at, at + sizes[n % sizes.length]!));
  const { rest, text: parts } = carver.end();
  assert.equal(carver.restBytes, rest.length);
  return { rest: rest.toString(), text: Buffer.concat(parts).toString() };
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });

it('takes the text out of any JSON, however it comes in, and leaves what is the same but for it', () => {
  const key = fc.oneof(fc.constantFrom('Code', 'ZipFile', 'A"B', 'é\\'), fc.string());
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      tie('list'),
      tie('object'),
    ),
    list: fc.array(tie('tree'), { maxLength: 4 }),
    object: fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
  }));
  const zip = fc.option(fc.oneof(fc.base64String({ maxLength: 40 }), fc.string()));
  const indent = fc.constantFrom(0, 1, 2);
  fc.assert(
    fc.property(fc.dictionary(key, tree), zip, sizes, indent, (others, ZipFile, cuts, spaces) => {
      const { Code: _none, ...before } = others;
      const Code = { Before: before, ...(ZipFile === null ? {} : { ZipFile }), After: [{ ZipFile: 'x' }] };
      const carved = carve(JSON.stringify({ ...before, Code, ZipFile: 'top' }, null, spaces), cuts);
      const expected = ZipFile === null ? Code : { ...Code, ZipFile: '' };
      const same = JSON.parse(JSON.stringify({ ...before, Code: expected, ZipFile: 'top' }));
      assert.deepEqual(JSON.parse(carved.rest), same);
      assert.equal(JSON.parse(`"${carved.text}"`), ZipFile ?? '');
    }),
  );
});

it('leaves what is no JSON as it is, but for that text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'{}[]":\\,a ') }), sizes, (text, cuts) => {
      const { rest, text: taken } = carve(text, cuts, ['a']);
      assert.equal(rest.length + taken.length, Buffer.byteLength(text));
    }),
  );
  for (const none of [
    '',
    '{',
    '{"Code":{"ZipFile":1}}',
    '{"ZipFile":"x"}',
    '["Code":{"ZipFile":"x"}]',
    '"ZipFile":"x"',
  ])
    assert.deepEqual(carve(none), { rest: none, text: '' });
});

it('of a member that comes twice the second counts; keys may have escapes', () => {
  const twice = '{"Code":{"ZipFile":"a","\\u005aipFile" : "b"}}';
  assert.deepEqual(carve(twice, [3]), { rest: '{"Code":{"ZipFile":"","\\u005aipFile" : ""}}', text: 'b' });
});
