import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import { makeNodeFolder, NodeProcess, removeNodeFolder } from '../harness/node-process.ts';
import { eventually } from '../harness/test-node.ts';
import { processesWith } from '../security/hostile-guest.ts';

const MARK = `mayfly-bomb-${process.pid}`;

const APP = {
  'mayfly.yaml': `
timeout: 2s
functions:
  bomb: { memory: 1GB }
  fills: { memory: 256MB }
  hogs: { timeout: 20s }
  loops: {}
  neighbour: { timeout: 30s }
  enclosed: { network: none, timeout: 10s }
  open: { timeout: 10s }
`,
  'functions/neighbour.ts': `export default () => 'fine';`,
  // Each child is a bomb too; none ever ends by itself.
  'functions/bomb.ts': `
    import { spawn } from 'node:child_process';
    const bomb = 'const { spawn } = require("node:child_process"); const [bomb, mark] = process.argv.slice(1); ' +
      'setInterval(() => spawn(process.execPath, ["-e", bomb, bomb, mark], { stdio: "ignore" }).on("error", () => {}), 5);';
    export default () => {
      spawn(process.execPath, ['-e', bomb, bomb, '${MARK}'], { stdio: 'ignore' }).on('error', () => {});
      return new Promise(() => {});
    };`,
  'functions/fills.ts': `
    import { openSync, writeSync } from 'node:fs';
    export default () => {
      const file = openSync('/tmp/all', 'w');
      for (;;) writeSync(file, Buffer.alloc(1 << 20));
    };`,
  'functions/hogs.ts': `
    const kept: Buffer[] = [];
    export default () => { for (;;) kept.push(Buffer.alloc(8 << 20, 1)); };`,
  'functions/loops.ts': `export default () => { for (;;); };`,
  'functions/enclosed.ts': `
    import { lookup } from 'node:dns/promises';
    const outcome = (act: Promise<unknown>) => act.then(() => 'reached', (error) => error.cause?.code ?? error.code ?? String(error));
    export default async (request: Request) => {
      const { control, gateway } = await request.json() as Record<string, string>;
      return {
        control: await outcome(fetch(control + '/v1/status')),
        gateway: await outcome(fetch(gateway + '/@bad/neighbour')),
        outside: await outcome(fetch('http://192.0.2.1/')),
        names: await outcome(lookup('example.com')),
      };
    };`,
  'functions/open.ts': `
    export default async (request: Request) => {
      const { control } = await request.json() as Record<string, string>;
      const ask = async (path: string, init = {}) => (await fetch(control + path, init)).status;
      return [
        await ask('/v1/status'),
        await ask('/v1/apps'),
        await ask('/v1/apps/bad', { method: 'DELETE' }),
        await ask('/v1/tokens', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }),
        await ask('/v1/status', { headers: { authorization: 'Bearer guessed' } }),
      ];
    };`,
};

const refusal = await bubblewrapRefusal(lookAtMachine());

describe('functions that mean harm', { skip: refusal ?? false }, () => {
  let folder: string;
  let node: NodeProcess;
  before(async () => {
    folder = await makeNodeFolder();
    node = await NodeProcess.start(folder, { isolation: 'sandbox' });
    await node.deploy('bad', APP);
  });
  after(async () => {
    await node.stop('SIGKILL');
    await removeNodeFolder(folder);
  });

  const codeOf = async (name: string): Promise<string> => {
    const { status, json } = await node.ask(`/@bad/${name}`);
    return `${status} ${(json as { error: { code: string } }).error.code}`;
  };

  test('all at once get their errors, and their neighbour answers all its calls', async () => {
    assert.equal((await node.ask('/@bad/neighbour')).text, 'fine');
    let raging = true;
    const all = Promise.all(['bomb', 'fills', 'hogs', 'loops'].map(codeOf)).finally(() => {
      raging = false;
    });
    let calls = 0;
    while (raging) {
      const { status, text } = await node.ask('/@bad/neighbour');
      assert.deepEqual([status, text], [200, 'fine']);
      calls++;
    }
    assert.deepEqual(await all, [
      '504 FUNCTION_TIMEOUT',
      '500 FUNCTION_THREW',
      '502 FUNCTION_OUT_OF_MEMORY',
      '504 FUNCTION_TIMEOUT',
    ]);
    await eventually(() => processesWith(MARK).length === 0);
    const row = await eventually(async () => {
      const found = await node.usageOf('bad/neighbour');
      return found?.calls === calls + 1 ? found : null;
    });
    assert.equal(row.errors, 0);
    const lines = await node.logs({ app: 'bad', function: 'fills' });
    assert.ok(lines.some(({ message }) => message.includes('ENOSPC')));
    assert.equal((await node.ask('/@bad/fills')).status, 500, 'and the next instance has an empty disk');
  });

  test('without network reach neither the platform nor anything else', async () => {
    const body = JSON.stringify({ control: node.controlUrl, gateway: node.gatewayUrl });
    const { text, json } = await node.ask('/@bad/enclosed', { method: 'POST', body });
    const { control, gateway, outside, names } = json as Record<string, string>;
    assert.match(control!, /^(ECONNREFUSED|ENETUNREACH)$/, text);
    assert.match(gateway!, /^(ECONNREFUSED|ENETUNREACH)$/, text);
    assert.equal(outside, 'ENETUNREACH');
    assert.match(names!, /^(EAI_AGAIN|ENOTFOUND)$/);
  });

  test('with network can do nothing at the control API', async () => {
    const body = JSON.stringify({ control: node.controlUrl });
    const { text } = await node.ask('/@bad/open', { method: 'POST', body });
    assert.deepEqual(JSON.parse(text), [401, 401, 401, 401, 401]);
    assert.equal((await node.status()).apps, 1);
  });
});
