import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { HookAnswers, readTold } from './push-hook.ts';

const A = 'a'.repeat(40);
const ZERO = '0'.repeat(40);

test('reads what the hook tells, in whatever pieces it comes', async () => {
  const told = `/q/incoming\n${ZERO} ${A} refs/heads/main\n${A} ${ZERO} refs/heads/old one\nend\n`;
  assert.deepEqual(await readTold(Readable.from([...told].map((char) => Buffer.from(char)))), {
    quarantine: '/q/incoming',
    updates: [
      { ref: 'refs/heads/main', before: null, after: A },
      { ref: 'refs/heads/old one', before: A, after: null },
    ],
  });
});

test('a hook that never ran, or never ended, has told nothing', async () => {
  assert.equal(await readTold(Readable.from([])), null);
  assert.equal(await readTold(Readable.from([Buffer.from('/q\n')])), null);
});

test('what is said keeps to its line, without colours or commands to a terminal', async () => {
  const stream = new PassThrough();
  const answers = new HookAnswers(stream);
  answers.say('\u001b[31mred\u001b[0m\taccept\naccept\r\u0007');
  answers.decide(false);
  answers.say('too late');
  assert.equal(await text(stream), 'say red\tacceptaccept\nrefuse\n');
});
