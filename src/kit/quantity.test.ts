import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDuration, formatPercent, parseDuration, parsePercent, parseSize } from './quantity.ts';

test('a duration has a unit, or is a number of ms', () => {
  const cases: [string | number, number | null][] = [
    ['250ms', 250],
    ['10s', 10_000],
    ['1.5s', 1_500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    ['0s', 0],
    [1500, 1500],
    [0, 0],
    ['10', null],
    ['10 s', null],
    ['10S', null],
    ['s', null],
    ['', null],
    ['-1s', null],
    ['1e3s', null],
    ['.5s', null],
    [-1, null],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, null],
    ['99999999999999999999d', null],
  ];
  for (const [written, ms] of cases) assert.equal(parseDuration(written), ms, String(written));
});

test('a size has a unit, or is a number of MB', () => {
  const cases: [string | number, number | null][] = [
    ['256MB', 256],
    ['1GB', 1_024],
    ['1.5GB', 1_536],
    [128, 128],
    ['256', null],
    ['256mb', null],
    ['256KB', null],
    ['1TB', null],
    ['MB', null],
    [-5, null],
  ];
  for (const [written, mb] of cases) assert.equal(parseSize(written), mb, String(written));
});

test('a formatted duration reads back as itself', () => {
  fc.assert(
    fc.property(fc.nat(), (ms) => {
      assert.equal(parseDuration(formatDuration(ms)), ms);
    }),
  );
  assert.equal(formatDuration(90_000), '90s');
  assert.equal(formatDuration(3_600_000), '1h');
  assert.equal(formatDuration(0), '0ms');
});

test('a share is written in percent, to the hundredth', () => {
  const cases: [string, number | null][] = [
    ['10%', 1_000],
    ['0.25%', 25],
    ['0.29%', 29],
    ['12.5%', 1_250],
    ['100%', 10_000],
    ['0%', 0],
    ['250%', 25_000],
    ['10', null],
    ['10 %', null],
    ['0.125%', null],
    ['-5%', null],
    ['%', null],
    ['1e2%', null],
    ['99999999999999999999%', null],
  ];
  for (const [written, points] of cases) assert.equal(parsePercent(written), points, written);
});

test('a formatted share reads back as itself', () => {
  fc.assert(
    fc.property(fc.nat(10_000), (points) => {
      assert.equal(parsePercent(formatPercent(points)), points);
    }),
  );
  assert.equal(formatPercent(25), '0.25%');
});
