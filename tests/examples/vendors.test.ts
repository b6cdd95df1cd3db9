import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { buildApp } from '../../src/build/app-builder.ts';
import { loadApp } from '../../src/build/app-loader.ts';
import { TestNode } from '../harness/test-node.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/vendors');

interface Parcel {
  readonly to: string;
  readonly stamps: readonly {
    readonly station: string;
    readonly call: string | null;
    readonly note: string;
  }[];
}

/** Stations in the order of the tour, with what each vendor's context must have told. */
const NOTES: Readonly<Record<string, string | RegExp>> = {
  alibaba: 'open for alibaba',
  aws: 'POST, in time',
  azure: 'gate 7',
  cloudevents: 'mayfly.http',
  cloudflare: 'POST',
  fission: /^application\/json/,
  fn: 'fn',
  google: 'POST, full',
  knative: 'POST',
  kubeless: 'stamp',
  nuclio: 'the one at the counter',
  openfaas: 'POST /',
  openwhisk: 'post',
  server: 'port given',
  tencent: '128 MB',
  webtask: 'two parameters',
};

/** Contexts of these vendors name the call. */
const NAMED = ['alibaba', 'aws', 'azure', 'cloudevents', 'fn', 'openwhisk', 'tencent'];

describe('vendors', { concurrency: false }, () => {
  let node: TestNode;
  before(async () => {
    node = await TestNode.start();
    await node.deployBuilt(await buildApp(await loadApp(EXAMPLE)));
  });
  after(() => node.close());

  test('a parcel gets the stamp of every vendor, in one release', async () => {
    const answer = await node.ask('/@vendors/tour', { method: 'POST', body: 'Ada' });
    assert.equal(answer.status, 200, answer.text);
    const { to, stamps } = answer.json as Parcel;
    assert.equal(to, 'Ada');
    assert.deepEqual(
      stamps.map(({ station }) => station),
      Object.keys(NOTES),
    );
    for (const { station, note } of stamps) {
      const expected = NOTES[station] as string | RegExp;
      if (typeof expected === 'string') assert.equal(note, expected, station);
      else assert.match(note, expected, station);
    }
    const calls = stamps.filter(({ station }) => NAMED.includes(station)).map(({ call }) => call);
    assert.ok(
      calls.every((call) => typeof call === 'string' && call !== ''),
      String(calls),
    );
    assert.equal(new Set(calls).size, calls.length, 'every call has a name of its own');
  });

  test('every station is a function of the app, and the tour passes all of them', async () => {
    const app = await loadApp(EXAMPLE);
    const names = app.functions.map(({ name }) => name).filter((name) => name !== 'tour');
    assert.deepEqual(names, Object.keys(NOTES));
  });
});
