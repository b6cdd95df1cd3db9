import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually, TestNode } from '../harness/test-node.ts';

const HEALTHY = `export default () => 'fine';`;

const APP = {
  'mayfly.yaml': `
timeout: 500ms
functions:
  healthy: {}
  throws: {}
  rejects: {}
  exits: {}
  aborts: {}
  loops: {}
  sleeps: {}
  hoards: { memory: 128MB, timeout: 20s }
  leaks: { memory: 128MB, timeout: 20s }
  circular: {}
  scribbles: {}
  later: { timeout: 5s }
  unloadable: {}
  hangs: { initTimeout: 300ms }
  shared: { concurrency: { perInstance: 10, max: 1 } }
`,
  'functions/healthy.ts': HEALTHY,
  'functions/throws.ts': `export default () => { throw new TypeError('on purpose'); };`,
  'functions/rejects.ts': `export default async () => Promise.reject({ code: 42 });`,
  'functions/exits.ts': `export default () => process.exit(3);`,
  'functions/aborts.ts': `export default () => process.abort();`,
  'functions/loops.ts': `export default () => { for (;;); };`,
  'functions/sleeps.ts': `export default () => new Promise((resolve) => setTimeout(resolve, 10000));`,
  'functions/hoards.ts': `const kept: Buffer[] = []; export default () => { for (;;) kept.push(Buffer.alloc(8 << 20, 1)); };`,
  'functions/leaks.ts': `const kept: unknown[] = []; export default () => { for (;;) kept.push(new Array(1000).fill(kept.length)); };`,
  'functions/circular.ts': `const a: any = {}; a.a = a; export default () => a;`,
  'functions/scribbles.ts': `
    import { writeSync } from 'node:fs';
    export default () => { try { writeSync(3, 'garbage garbage garbage'); } catch (e) { return 'refused'; } return 'written'; };`,
  'functions/later.ts': `export default () => { setTimeout(() => { throw new Error('late'); }, 10); return new Promise(() => {}); };`,
  'functions/unloadable.ts': `throw new RangeError('not today'); export default () => 1;`,
  'functions/hangs.ts': `await new Promise(() => { setInterval(() => {}, 1000); }); export default () => 1;`,
  'functions/shared.ts': `
    export default async (request: Request) => {
      const ms = Number(new URL(request.url).searchParams.get('ms'));
      await new Promise((resolve) => setTimeout(resolve, ms));
      return 'slept ' + ms;
    };`,
};

for (const isolation of ['sandbox', 'process']) {
  describe(`functions that fail (${isolation})`, { concurrency: false }, () => {
    let node: TestNode;
    before(async () => {
      node = await TestNode.start({ isolation });
      await node.deploy('sick', APP);
    });
    after(() => node.close());

    const fails = async (name: string, status: number, code: string): Promise<string> => {
      const [answer, healthy] = await Promise.all([node.ask(`/@sick/${name}`), node.ask('/@sick/healthy')]);
      assert.equal(healthy.text, 'fine');
      assert.equal(answer.status, status, answer.text);
      const { error } = answer.json as { error: { code: string; requestId: string } };
      assert.equal(error.code, code);
      assert.ok(!answer.text.includes('functions/'), 'no stack for the client');
      return error.requestId;
    };

    const logged = (request: string, pattern: RegExp) =>
      eventually(async () =>
        (await node.logs({ app: 'sick', request })).find((line) => pattern.test(line.message)),
      );

    test('throwing is 500, and the log has the stack in terms of the source', async () => {
      const id = await fails('throws', 500, 'FUNCTION_THREW');
      const line = await logged(id, /TypeError: on purpose/);
      assert.match(line.message, /functions\/throws\.ts:1:/);
      assert.equal(line.level, 'error');
    });

    test('rejecting with anything is 500', async () => {
      await fails('rejects', 500, 'FUNCTION_THREW');
    });
    test('an error outside of the call is the call’s all the same', async () => {
      await fails('later', 500, 'FUNCTION_THREW');
    });
    test('exiting is 502', async () => {
      await fails('exits', 502, 'FUNCTION_EXITED');
    });
    test('aborting the process is 502', async () => {
      await fails('aborts', 502, 'FUNCTION_EXITED');
    });
    test('an endless loop is 504', async () => {
      await fails('loops', 504, 'FUNCTION_TIMEOUT');
    });
    test('not answering in time is 504', async () => {
      await fails('sleeps', 504, 'FUNCTION_TIMEOUT');
    });
    test('memory outside of the heap over the bound is 502', async () => {
      await fails('hoards', 502, 'FUNCTION_OUT_OF_MEMORY');
    });
    test('a heap over the bound is 502', async () => {
      await fails('leaks', 502, 'FUNCTION_OUT_OF_MEMORY');
    });
    test('a result that JSON cannot express is 502', async () => {
      await fails('circular', 502, 'RESPONSE_INVALID');
    });
    test('code that throws while loading is 500', async () => {
      await fails('unloadable', 500, 'FUNCTION_INIT_FAILED');
    });
    test('code that does not finish loading is 504', async () => {
      await fails('hangs', 504, 'FUNCTION_INIT_TIMEOUT');
    });

    test('writing to the protocol descriptor is refused', async () => {
      assert.equal((await node.ask('/@sick/scribbles')).text, 'refused');
    });

    test('a time-out in a shared instance spares the calls beside it', async () => {
      const [long, short] = await Promise.all([
        node.ask('/@sick/shared?ms=5000'),
        (async () => {
          await eventually(async () => {
            const { calls } = (await node.client.get('/v1/status')) as { calls: { inFlight: number } };
            return calls.inFlight >= 1;
          });
          return node.ask('/@sick/shared?ms=300');
        })(),
      ]);
      assert.equal(long.status, 504);
      assert.equal(short.text, 'slept 300');
      assert.equal((await node.ask('/@sick/shared?ms=1')).text, 'slept 1');
    });

    test('every call stands in the ledger, failures as such', async () => {
      await fails('throws', 500, 'FUNCTION_THREW');
      const row = await eventually(async () =>
        (await node.usage()).rows.find(
          (candidate) => candidate.key.includes('throws') && candidate.calls === 2,
        ),
      );
      assert.equal(row.errors, 2);
    });
  });
}
