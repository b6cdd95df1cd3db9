import assert from 'node:assert/strict';
import test from 'node:test';
import { become, canBecome, type InstanceState } from './instance-state.ts';

const STATES: readonly InstanceState[] = [
  'booting',
  'prewarmed',
  'specialising',
  'ready',
  'busy',
  'frozen',
  'draining',
  'gone',
];

test('a life goes from boot to specialised to reused to gone', () => {
  const instance = { id: 1, state: 'booting' as InstanceState };
  const life: InstanceState[] = [
    'prewarmed',
    'specialising',
    'ready',
    'busy',
    'ready',
    'frozen',
    'ready',
    'draining',
    'gone',
  ];
  for (const state of life) become(instance, state);
  assert.equal(instance.state, 'gone');
});

test('every living state may end, and nothing comes back', () => {
  for (const from of STATES) {
    assert.equal(canBecome(from, 'gone'), from !== 'gone', from);
    assert.equal(canBecome('gone', from), false, from);
    if (from !== 'gone') assert.equal(canBecome('draining', from), false, from);
  }
});

test('an instance is specialised once, and is ready before it is busy', () => {
  for (const from of STATES) {
    assert.equal(canBecome(from, 'specialising'), from === 'prewarmed', from);
    assert.equal(canBecome(from, 'busy'), from === 'ready', from);
    assert.equal(canBecome(from, 'booting'), false, from);
  }
  assert.throws(() => become({ id: 7, state: 'frozen' }, 'busy'), /Instance 7 cannot go from frozen to busy/);
});
