import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lastValues, nestedRecord, queryRecord, splitTarget } from './request-target.ts';

test('a URL is split into path and query as they were sent', () => {
  const part = fc.string({ unit: fc.constantFrom('a', '/', '%2F', '.', ':', '?', '&', '=', '+') });
  fc.assert(
    fc.property(part, fc.option(part), (path, query) => {
      const sent = `/${path.replaceAll('?', '')}`;
      const search = query === null ? '' : `?${query}`;
      const split = splitTarget(`http://shop.localhost:8080${sent}${search}`);
      assert.deepEqual(split, { path: sent, search });
    }),
  );
});

test('a query is decoded as URLSearchParams does, with lists for what is repeated', () => {
  const pair = fc.tuple(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme' }));
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 6 }), (pairs) => {
      const params = new URLSearchParams(pairs);
      const search = params.size === 0 ? '' : `?${params}`;
      const record = queryRecord(search);
      assert.deepEqual(new Set(Object.keys(record)), new Set(params.keys()));
      for (const name of params.keys()) {
        const values = params.getAll(name);
        assert.deepEqual(record[name], values.length === 1 ? values[0] : values);
        assert.equal(lastValues(record)[name], values.at(-1));
      }
    }),
  );
});

test('broken escapes stay, and names with structure make one', () => {
  assert.deepEqual(queryRecord('?a=%zz&b&=c'), { a: '%zz', b: '', '': 'c' });
  assert.deepEqual(queryRecord('?'), {});
  assert.deepEqual(nestedRecord('a[b]=1&list[]=x&list[]=y&plain=z'), {
    a: { b: '1' },
    list: ['x', 'y'],
    plain: 'z',
  });
  assert.equal(Object.getPrototypeOf(queryRecord('?__proto__=1&constructor=2')), Object.prototype);
});
