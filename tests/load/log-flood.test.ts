import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import { makeNodeFolder, NodeProcess, removeNodeFolder } from '../harness/node-process.ts';
import { eventually } from '../harness/test-node.ts';

const LINES = 100_000;
const CALLS = 30;
const LINES_OF_CALL = 5;

const APP = {
  'mayfly.yaml': `
functions:
  shared: { concurrency: { perInstance: 10, max: 2 } }
`,
  'functions/flood.ts': `
    export default async (request: Request) => {
      const pause = new URL(request.url).searchParams.has('pause');
      for (let line = 0; line < ${LINES}; line++) {
        console.log('line ' + line);
        if (pause && line % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      return 'printed';
    };`,
  'functions/quiet.ts': `export default () => { console.log('quiet'); return 'fine'; };`,
  'functions/shared.ts': `
    export default async (request: Request) => {
      const mark = new URL(request.url).searchParams.get('mark');
      for (let line = 0; line < ${LINES_OF_CALL}; line++) {
        console.log('mark', mark);
        await new Promise((resolve) => setTimeout(resolve, line));
      }
      await Promise.resolve().then(() => process.stdout.write('mark ' + mark + '\\n'));
      return mark;
    };`,
};

const refusal = await bubblewrapRefusal(lookAtMachine());

describe('functions that print a lot', () => {
  let folder: string;
  let node: NodeProcess;
  before(async () => {
    folder = await makeNodeFolder();
    node = await NodeProcess.start(folder, { isolation: refusal === null ? 'sandbox' : 'process' });
    await node.deploy('talk', APP);
  });
  after(async () => {
    await node.stop('SIGKILL');
    await removeNodeFolder(folder);
  });

  for (const [how, query] of [
    ['at once', ''],
    ['in many turns', '?pause'],
  ] as const) {
    test(`are answered; a flood ${how} is cut, with a count that adds up; others keep their lines`, async () => {
      const since = String(Date.now());
      const flood = node.ask(`/@talk/flood${query}`);
      const quiet: string[] = [];
      for (let i = 0; i < 20; i++) {
        const answer = await node.ask('/@talk/quiet');
        assert.equal(answer.text, 'fine');
        quiet.push(String(answer.headers['x-mayfly-request-id']));
      }
      const { status, text, headers } = await flood;
      assert.equal(status, 200, text);
      assert.equal(text, 'printed');
      const id = headers['x-mayfly-request-id'];

      const { kept, dropped } = await eventually(async () => {
        const lines = await node.logs({ app: 'talk', function: 'flood', since });
        const notes = lines.filter(({ fields }) => typeof fields?.dropped === 'number');
        const sum = notes.reduce((total, { fields }) => total + Number(fields!.dropped), 0);
        const printed = lines.filter(({ message }) => /^line \d+$/.test(message));
        return printed.length + sum === LINES ? { kept: printed, dropped: sum } : null;
      });
      assert.ok(kept.length > 0 && dropped > 0, `${kept.length} kept, ${dropped} dropped`);
      assert.deepEqual(new Set(kept.map(({ requestId }) => requestId)), new Set([id]));

      const others = await node.logs({ app: 'talk', function: 'quiet', since });
      assert.deepEqual(
        others.map(({ requestId, message }) => `${requestId} ${message}`).sort(),
        quiet.map((each) => `${each} quiet`).sort(),
      );
    });
  }

  test('give every line the request that printed it, also when calls share an instance', async () => {
    const answers = await Promise.all(
      Array.from({ length: CALLS }, (_, mark) => node.ask(`/@talk/shared?mark=${mark}`)),
    );
    const lines = await eventually(async () => {
      const all = await node.logs({ app: 'talk', function: 'shared' });
      return all.length === CALLS * (LINES_OF_CALL + 1) ? all : null;
    });
    const byRequest = Map.groupBy(lines, ({ requestId }) => requestId);
    for (const { status, text, headers } of answers) {
      assert.equal(status, 200, text);
      const own = byRequest.get(String(headers['x-mayfly-request-id'])) ?? [];
      assert.deepEqual(
        own.map(({ message }) => message),
        Array.from({ length: LINES_OF_CALL + 1 }, () => `mark ${text}`),
      );
    }
  });
});
