import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import test from 'node:test';
import { paintFor, printable } from './paint.ts';
import type { Shell } from './shell.ts';

const terminal = Object.assign(new PassThrough(), { isTTY: true });
const shellWith = (env: Record<string, string>) => ({ env }) as unknown as Shell;

test('colours only for terminals that want them', () => {
  assert.equal(paintFor(shellWith({}), terminal)('red', 'x'), '\u001b[31mx\u001b[39m');
  assert.equal(paintFor(shellWith({ NO_COLOR: '1' }), terminal)('red', 'x'), 'x');
  assert.equal(paintFor(shellWith({ TERM: 'dumb' }), terminal)('red', 'x'), 'x');
  assert.equal(paintFor(shellWith({}), new PassThrough())('red', 'x'), 'x');
});

test('text of a function cannot steer the terminal', () => {
  assert.equal(printable('a\u001b]0;title\u0007\r\u001b[2Jb\tc\nd\u009bK'), 'a]0;title[2Jb\tc\ndK');
});
