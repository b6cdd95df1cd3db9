import assert from 'node:assert/strict';
import test from 'node:test';
import { renderPairs, renderTable } from './table.ts';

test('columns are as wide as their widest cell, numbers stand right, no line ends in a blank', () => {
  const text = renderTable(
    [{ title: 'name' }, { title: 'calls', align: 'right' }, { title: 'note' }],
    [
      ['a', '7', ''],
      ['wordcount', '12345', 'x'],
    ],
  );
  assert.equal(text, ['name       calls  note', 'a              7', 'wordcount  12345  x'].join('\n'));
});

test('colours take no room', () => {
  const text = renderTable([{ title: 'a' }, { title: 'b' }], [['\u001b[31mred\u001b[39m', 'x']]);
  assert.equal(text, 'a    b\n\u001b[31mred\u001b[39m  x');
});

test('pairs stand in two columns', () => {
  assert.equal(
    renderPairs([
      ['gateway', '1'],
      ['x', '2'],
    ]),
    'gateway  1\nx        2',
  );
});
