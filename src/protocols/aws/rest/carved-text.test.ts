import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { carveText } from './carved-text.ts';

it('takes the text out, and leaves JSON that is the same but for it', () => {
  const base64 = fc.base64String();
  fc.assert(
    fc.property(base64, fc.string(), fc.constantFrom(0, 1, 2), (ZipFile, Description, indent) => {
      const body = Buffer.from(JSON.stringify({ Description, Code: { ZipFile, Last: 1 } }, null, indent));
      const carved = carveText(body, 'ZipFile');
      assert.equal(carved?.text.toString(), ZipFile);
      assert.deepEqual(JSON.parse(carved!.rest.toString()), { Description, Code: { ZipFile: '', Last: 1 } });
    }),
  );
});

it('is not deceived by texts that look like the member', () => {
  const carve = (text: string) => carveText(Buffer.from(text), 'ZipFile')?.text.toString() ?? null;
  assert.equal(carve('{"A":"ZipFile","B":"\\"ZipFile\\":\\"x\\"","ZipFile":"yes"}'), 'yes');
  for (const none of ['', '{', '{"ZipFile":1}', '{"ZipFile":"cut', '{"ZipFile":"a\\/b"}', '{"zipFile":"x"}'])
    assert.equal(carve(none), null);
});
