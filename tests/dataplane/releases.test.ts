import assert from 'node:assert/strict';
import { Agent, createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { AppSnapshot, CanaryTrack } from '../../src/domain/snapshot.ts';
import type { EventCall } from '../../src/ports/invoker.ts';
import type { Answer } from '../harness/node-driver.ts';
import { eventually } from '../harness/test-node.ts';
import { TrackNode } from '../harness/track-node.ts';

/** `a` waits at a gate, then asks `b`, which asks `c`: each by another client, each says which release its code is of. */
const chainOf = (release: string): Record<string, string> => ({
  'functions/a.ts': `
    export default async (request: Request) => {
      const gate = new URL(request.url).searchParams.get('gate');
      if (gate !== null) await fetch(gate);
      const response = await fetch(process.env.MAYFLY_APP_URL + '/b');
      return ['${release}', ...(await response.json() as string[]), response.headers.get('x-mayfly-release')];
    };`,
  'functions/b.ts': `
    import { get } from 'node:http';
    import { json } from 'node:stream/consumers';
    export default async () => {
      const asked = await new Promise((resolve, reject) => get(process.env.MAYFLY_APP_URL + '/c', resolve).on('error', reject));
      return ['${release}', ...(await json(asked as never) as string[])];
    };`,
  'functions/c.ts': `export default () => ['${release}'];`,
  // The same code in every release.
  'functions/same.ts': `const id = Math.random(); export default () => id;`,
  'functions/seen.ts': `
    export default (request: Request) => {
      const { searchParams } = new URL(request.url);
      const headers = new Headers({ 'x-mayfly-release': 'r-mine' });
      if (searchParams.has('cookie')) headers.append('set-cookie', 'mine=1');
      return Response.json([...request.headers], { headers });
    };`,
});

/** Holds whoever asks until it is opened, and keeps what they sent. */
class Gate {
  readonly asked: IncomingHttpHeaders[] = [];
  #waiting: (() => void)[] = [];
  readonly #server: Server = createServer((req, res) => {
    this.asked.push(req.headers);
    this.#waiting.push(() => res.end());
  });

  static async open(): Promise<Gate> {
    const gate = new Gate();
    await new Promise<void>((resolve) => gate.#server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  lift(): void {
    for (const answer of this.#waiting.splice(0)) answer();
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

describe('releases of one environment', () => {
  let node: TrackNode;
  let gate: Gate;
  let one: AppSnapshot;
  let two: AppSnapshot;
  before(async () => {
    node = await TrackNode.start();
    gate = await Gate.open();
    one = await node.release('r-one', chainOf('one'));
    two = await node.release('r-two', chainOf('two'));
  });
  after(async () => {
    gate.close();
    await node[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    gate.asked.length = 0;
    node.ledger.length = 0;
  });

  const canary = (weight: number, rest: Partial<CanaryTrack> = {}): { canary: CanaryTrack } => ({
    canary: { snapshot: two, id: 'c-1', weight, key: { kind: 'cookie' }, ...rest },
  });
  const releaseOf = async (path: string, headers: Record<string, string> = {}): Promise<string> => {
    const { headers: answered } = await node.ask(path, { headers });
    return String(answered['x-mayfly-release']);
  };
  /** Begins a call that is held at the gate; in an object, since its answer is not to be waited for. */
  const held = async (): Promise<{ readonly call: Promise<Answer> }> => {
    const before = gate.asked.length;
    const call = node.ask(`/@shop/a?gate=${encodeURIComponent(gate.url)}`);
    await eventually(() => gate.asked.length > before);
    return { call };
  };
  const event = (rest: Partial<EventCall> = {}): EventCall => ({
    app: 'shop',
    environment: 'production',
    function: 'c',
    trigger: 'async',
    event: { specversion: '1.0', id: 'e-1', source: '/test', type: 'mayfly.invoke' },
    body: Buffer.alloc(0),
    ...rest,
  });
  const result = async (call: EventCall): Promise<unknown> =>
    JSON.parse((await node.invoker.invoke(call)).body.toString());

  test('a chain of three functions stays in its release through an activation in its middle', async () => {
    node.publish(one);
    const { call } = await held();
    node.publish(two);
    const next = node.ask('/@shop/a');
    gate.lift();
    const answer = await call;
    assert.deepEqual(answer.json, ['one', 'one', 'one', 'r-one']);
    assert.equal(answer.headers['x-mayfly-release'], 'r-one');
    assert.deepEqual((await next).json, ['two', 'two', 'two', 'r-two']);
    // Its pin was for its own app alone.
    assert.equal(gate.asked[0]!['x-mayfly-release'], undefined);
    assert.deepEqual(
      node.ledger.map((record) => `${record.function} ${record.release}`).sort(),
      ['a', 'b', 'c'].flatMap((name) => [`${name} r-one`, `${name} r-two`]),
    );
    // Nobody is in it any more.
    const late = await node.ask('/@shop/c', { headers: { 'x-mayfly-release': one.pin } });
    assert.equal(late.status, 404);
    assert.equal((late.json as { error: { code: string } }).error.code, 'RELEASE_NOT_FOUND');
  });

  test('a release is reached by its pin while calls of it go on, and its unchanged functions stay warm', async () => {
    node.publish(one);
    const warm = (await node.ask('/@shop/same')).text;
    const { call } = await held();
    node.publish(two);
    assert.equal((await node.ask('/@shop/same')).text, warm);
    const pinned = { headers: { 'x-mayfly-release': one.pin } };
    assert.deepEqual((await node.ask('/@shop/c', pinned)).json, ['one']);
    assert.equal((await node.ask('/@shop/same', pinned)).text, warm);
    for (const wish of ['r-one', `${one.pin}0`, 'r-one.', 'nonsense'])
      assert.equal((await node.ask('/@shop/c', { headers: { 'x-mayfly-release': wish } })).status, 404);
    gate.lift();
    await call;
    assert.equal((await node.ask('/@shop/c', pinned)).status, 404);
    assert.equal((await node.ask('/@shop/same')).text, warm);
  });

  test('a withdrawn app answers nobody but the calls that are under way in it', async () => {
    node.publish(one);
    const { call } = await held();
    node.live.withdraw('shop', 'production');
    assert.equal((await node.ask('/@shop/c')).status, 404);
    gate.lift();
    assert.deepEqual((await call).json, ['one', 'one', 'one', 'r-one']);
    assert.equal((await node.ask('/@shop/c', { headers: { 'x-mayfly-release': one.pin } })).status, 404);
  });

  test('clients are split by weight and keep their side by a cookie that the function does not see', async () => {
    node.publish(one, canary(5_000));
    const sides = new Map<string, string>();
    for (let i = 0; i < 40; i++) {
      const { headers } = await node.ask('/@shop/c');
      const [cookie = ''] = headers['set-cookie'] ?? [];
      assert.match(
        cookie,
        /^mayfly-canary=c-1\.\d{1,4}; Path=\/@shop; Max-Age=604800; HttpOnly; SameSite=Lax$/,
      );
      sides.set(cookie.split(';')[0]!, String(headers['x-mayfly-release']));
    }
    // Once in 2^39 it is not so.
    assert.deepEqual([...new Set(sides.values())].sort(), ['r-one', 'r-two']);
    for (const [cookie, side] of sides) {
      const { headers } = await node.ask('/@shop/c', { headers: { cookie } });
      assert.equal(headers['x-mayfly-release'], side);
      assert.equal(headers['set-cookie'], undefined);
    }
    const canaryCookie = [...sides].find(([, side]) => side === 'r-two')![0];
    const stableCookie = [...sides].find(([, side]) => side === 'r-one')![0];
    // A raised weight moves nobody back; at the end everybody is there.
    node.publish(one, canary(9_000));
    assert.equal(await releaseOf('/@shop/c', { cookie: canaryCookie }), 'r-two');
    node.publish(one, canary(0));
    assert.equal(await releaseOf('/@shop/c', { cookie: canaryCookie }), 'r-one');
    node.publish(one, canary(10_000));
    assert.equal(await releaseOf('/@shop/c', { cookie: stableCookie }), 'r-two');

    const both = await node.ask('/@shop/seen?cookie', { headers: { cookie: 'a=b' } });
    assert.equal(both.headers['set-cookie']!.length, 2);
    assert.ok(both.headers['set-cookie']!.includes('mine=1'));
    assert.equal(both.headers['x-mayfly-release'], 'r-two');
    const seen = async (headers: Record<string, string>): Promise<unknown> =>
      ((await node.ask('/@shop/seen', { headers })).json as [string, string][]).filter(([name]) =>
        ['cookie', 'x-mayfly-release'].includes(name),
      );
    assert.deepEqual(await seen({ cookie: `a=b; ${canaryCookie}; c=d`, 'x-mayfly-release': 'stable' }), [
      ['cookie', 'a=b; c=d'],
    ]);
    assert.deepEqual(await seen({ cookie: canaryCookie }), []);
  });

  test('at its own host the cookie is for the whole host, and failures carry it and the release too', async () => {
    node.publish(one, canary(10_000));
    const host = { host: `shop.localhost:${new URL(node.gatewayUrl).port}` };
    for (const [path, status] of [
      ['/c', 200],
      ['/nowhere', 404],
    ] as const) {
      const answer = await node.ask(path, { headers: host });
      assert.equal(answer.status, status);
      assert.equal(answer.headers['x-mayfly-release'], 'r-two');
      assert.match(answer.headers['set-cookie']![0]!, /^mayfly-canary=c-1\.\d+; Path=\/;/);
    }
    const other = await node.ask('/c', { method: 'OPTIONS', headers: host });
    assert.equal(other.headers['x-mayfly-release'], 'r-two');
  });

  test('a header or the address keeps a client on its side without a cookie', async () => {
    node.publish(one, canary(5_000, { key: { kind: 'header', name: 'x-user' } }));
    const users = Array.from({ length: 40 }, (_, i) => `user-${i}`);
    const sides = await Promise.all(users.map((user) => releaseOf('/@shop/c', { 'x-user': user })));
    assert.deepEqual([...new Set(sides)].sort(), ['r-one', 'r-two']);
    const again = await Promise.all(users.map((user) => releaseOf('/@shop/c', { 'x-user': user })));
    assert.deepEqual(again, sides);
    node.publish(one, canary(5_000, { key: { kind: 'address' } }));
    const first = await node.ask('/@shop/c');
    assert.equal(first.headers['set-cookie'], undefined);
    for (let i = 0; i < 5; i++) assert.equal(await releaseOf('/@shop/c'), first.headers['x-mayfly-release']);
  });

  test('testers choose among the current tracks', async () => {
    node.publish(one, canary(0));
    const wishes = ['stable', 'canary', 'r-one', 'r-two'];
    const served = await Promise.all(
      wishes.map((wish) => releaseOf('/@shop/c', { 'x-mayfly-release': wish })),
    );
    assert.deepEqual(served, ['r-one', 'r-two', 'r-one', 'r-two']);
    // What a tester chose goes for the whole chain.
    const chain = await node.ask('/@shop/a', { headers: { 'x-mayfly-release': 'canary' } });
    assert.deepEqual(chain.json, ['two', 'two', 'two', 'r-two']);
    node.publish(one);
    assert.equal((await node.ask('/@shop/c', { headers: { 'x-mayfly-release': 'canary' } })).status, 404);
  });

  test('a candidate is made ready and is reached by its pin only', async () => {
    const three = await node.release('r-three', {
      'functions/ready.ts': `export default () => 'ready';`,
      'mayfly.yaml':
        'name: shop\nfunctions:\n  ready:\n    handler: functions/ready.ts\n    concurrency: {provisioned: 2}\n',
    });
    node.publish(null, { candidates: [three] });
    assert.equal(node.warmness.of('shop', 'production', 'r-one'), null);
    await eventually(() => node.warmness.of('shop', 'production', 'r-three')![0]!.ready === 2);
    assert.deepEqual(node.warmness.of('shop', 'production', 'r-three'), [
      { function: 'ready', wanted: 2, ready: 2, error: null },
    ]);
    assert.equal((await node.ask('/@shop/ready')).status, 404);
    for (const wish of ['r-three', 'stable', 'canary'])
      assert.equal((await node.ask('/@shop/ready', { headers: { 'x-mayfly-release': wish } })).status, 404);
    const pinned = { headers: { 'x-mayfly-release': three.pin } };
    assert.equal((await node.ask('/@shop/ready', pinned)).text, 'ready');
    assert.equal(node.ledger.at(-1)!.cold, false);
    node.publish(one);
    assert.equal((await node.ask('/@shop/ready', pinned)).status, 404);
  });

  test('a function that does not load says so while its release is warmed', async () => {
    const broken = await node.release('r-broken', {
      'functions/bad.ts': `throw new Error('never'); export default () => 1;`,
      'mayfly.yaml':
        'name: shop\nfunctions:\n  bad:\n    handler: functions/bad.ts\n    concurrency: {provisioned: 1}\n',
    });
    node.publish(one, { candidates: [broken] });
    const [row] = await eventually(() => {
      const rows = node.warmness.of('shop', 'production', 'r-broken')!;
      return rows[0]!.error === null ? null : rows;
    });
    assert.equal(row!.error!.code, 'FUNCTION_INIT_FAILED');
    assert.equal(row!.ready, 0);
    node.publish(one);
  });

  test('events are split by their id, and kept in the release that they were given', async () => {
    node.publish(one, canary(5_000));
    const ids = Array.from({ length: 40 }, (_, i) => `event-${i}`);
    const chosen = ids.map((id) => node.invoker.releaseFor('shop', 'production', id));
    assert.deepEqual([...new Set(chosen)].sort(), ['r-one', 'r-two']);
    for (const [at, id] of ids.entries()) {
      const answer = await result(event({ event: { ...event().event, id } }));
      assert.deepEqual(answer, [chosen[at]!.slice(2)]);
    }
    assert.deepEqual(await result(event({ release: 'r-two' })), ['two']);
    assert.deepEqual(await result(event({ release: 'r-one' })), ['one']);
    const wished = (wish: string): string => node.invoker.releaseFor('shop', 'production', 'e', wish);
    assert.deepEqual(['canary', 'stable', 'r-two', one.pin].map(wished), [
      'r-two',
      'r-one',
      'r-two',
      'r-one',
    ]);
    assert.throws(() => wished('r-three'), { code: 'RELEASE_NOT_FOUND' });
    assert.throws(() => node.invoker.releaseFor('nobody', 'production', 'e'), { code: 'NOT_FOUND' });
  });

  test('a call of a release that serves nowhere is made in it, and so is what it asks', async () => {
    node.publish(two);
    await assert.rejects(result(event({ release: 'r-one' })), { code: 'RELEASE_NOT_FOUND' });
    node.stored.set('r-one', one);
    const http = { ...event(), function: 'b', release: 'r-one' };
    assert.deepEqual(await Promise.all([result(http), result(http)]), [
      ['one', 'one'],
      ['one', 'one'],
    ]);
    node.stored.clear();
    assert.equal((await node.ask('/@shop/c', { headers: { 'x-mayfly-release': one.pin } })).status, 404);
    assert.deepEqual(
      [...new Set(node.ledger.map(({ function: name, release }) => `${name} ${release}`))].sort(),
      ['b r-one', 'c r-one'],
    );
  });

  test('chains stay whole, and none fails, through many activations, canaries and rollbacks', async () => {
    const swapped = { canary: { ...canary(0).canary, snapshot: one } };
    const steps = [
      () => node.publish(one, { candidates: [two] }),
      () => node.publish(one, canary(2_500)),
      () => node.publish(one, canary(7_500)),
      () => node.publish(two),
      () => node.publish(two, { canary: { ...swapped.canary, weight: 5_000 } }),
      () => node.publish(one),
    ];
    node.publish(one);
    let going = true;
    const answers: Answer[] = [];
    const clients = Array.from({ length: 4 }, async () => {
      const agent = new Agent({ keepAlive: true });
      while (going) answers.push(await node.ask('/@shop/a', { agent }));
      agent.destroy();
    });
    for (let i = 0; i < 2 * steps.length; i++) {
      steps[i % steps.length]!();
      const until = answers.length + 4;
      await eventually(() => answers.length >= until);
    }
    going = false;
    await Promise.all(clients);
    for (const { status, text, headers } of answers) {
      const release = String(headers['x-mayfly-release']);
      const name = release.slice(2);
      assert.deepEqual([status, text], [200, JSON.stringify([name, name, name, release])]);
    }
    assert.deepEqual([...new Set(answers.map(({ text }) => text))].length, 2);
    node.publish(one);
    const late = await node.ask('/@shop/c', { headers: { 'x-mayfly-release': two.pin } });
    assert.equal(late.status, 404);
  });
});
