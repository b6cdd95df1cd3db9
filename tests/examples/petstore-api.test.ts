import assert from 'node:assert/strict';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { EnvironmentDescription } from '../../src/contract/release-api.ts';
import { runInShell } from '../cli/test-shell.ts';
import { Author } from '../git/author.ts';
import { eventually, TestNode } from '../harness/test-node.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/petstore-api');
/** Calls a guard may need at most until it sees that half of them fail; more would be a defect of it. */
const CALLS_MAX = 2_000;
const CLIENTS = 8;

interface Receipt {
  readonly toPay: number;
  readonly releases: readonly string[];
}

/** The life of a shop, driven by nothing but the command line, Git and its customers. */
describe('petstore-api', { concurrency: false }, () => {
  let node: TestNode;
  let author: Author;
  let shop: string;
  let first: string;
  let better: string;

  before(async () => {
    node = await TestNode.start();
    author = await Author.start(join(node.folder, 'petstore-api'));
    await cp(EXAMPLE, author.folder, { recursive: true });
    shop = await readFile(join(EXAMPLE, 'functions/shop.ts'), 'utf8');
  });
  after(() => node.close());

  const mayfly = async <T>(...words: string[]): Promise<T> => {
    const { code, stdout, stderr } = await runInShell([...words, '--json'], {
      cwd: author.folder,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: author.folder,
        MAYFLY_URL: node.controlUrl,
        MAYFLY_TOKEN: node.token,
      },
    });
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as T;
  };
  const production = () => mayfly<EnvironmentDescription>('environments', 'show', 'production');
  const checkOut = (address = '@petstore-api') =>
    node.ask(`/${address}/checkout`, { method: 'POST', body: '{"pet":"1","count":2}' });
  const buy = async (address?: string): Promise<Receipt> => {
    const answer = await checkOut(address);
    assert.equal(answer.status, 200, answer.text);
    const receipt = answer.json as Receipt;
    assert.equal(receipt.releases.length, 3);
    assert.equal(new Set(receipt.releases).size, 1, 'a chain stays in one release');
    assert.equal(answer.headers['x-mayfly-release'], receipt.releases[0]);
    return receipt;
  };
  /** New customers come until something has happened. */
  const trade = async (until: () => Promise<boolean>): Promise<void> => {
    let calls = 0;
    let done = false;
    const customer = async (): Promise<void> => {
      while (!done && calls < CALLS_MAX) {
        calls++;
        const answer = await checkOut();
        if (answer.status === 200) assert.equal(new Set((answer.json as Receipt).releases).size, 1);
      }
    };
    const customers = Promise.all(Array.from({ length: CLIENTS }, customer));
    try {
      await eventually(async () => calls >= CALLS_MAX || (await until()), 60_000);
    } finally {
      done = true;
      await customers;
    }
    assert.ok(await until(), `not within ${calls} calls`);
  };

  it('opens by a push, and every function of a chain says the same release', async () => {
    await mayfly('git', 'init');
    await author.commit({});
    const { stderr } = await author.git('push', 'mayfly', 'main');
    assert.match(stderr, /smoke: 2 smoke tests/);
    const receipt = await buy();
    assert.equal(receipt.toPay, 245);
    first = receipt.releases[0]!;
    assert.equal((await production()).release, first);
  });

  it('shows a branch at an address of its own, until the branch is gone', async () => {
    await author.git('switch', '--quiet', '-c', 'no-fee');
    await author.commit({ 'functions/shop.ts': shop.replace('0.02', '0') });
    await author.git('push', 'mayfly', 'no-fee');
    assert.equal((await buy('@petstore-api--no-fee')).toPay, 241);
    assert.equal((await buy()).toPay, 245);
    await author.git('push', 'mayfly', '--delete', 'no-fee');
    assert.equal((await checkOut('@petstore-api--no-fee')).status, 404);
    await author.git('switch', '--quiet', 'main');
  });

  it('takes a bad release back from those who got it, and says why', async () => {
    const fault = 'if (Math.random() < 0.5) throw new Error("The till is stuck.");';
    await author.commit({
      'functions/shop.ts': shop.replace('  const placed', `  ${fault}\n  const placed`),
    });
    await mayfly('deploy', '--canary', '50% 10m, 100%');
    await trade(async () => (await production()).canary === null);
    const { release, history } = await production();
    assert.equal(release, first);
    assert.equal(history[0]!.action, 'canary-abort');
    assert.equal(history[0]!.by, 'mayfly');
    assert.match(history[0]!.reason, /error/);
    assert.equal((await buy()).toPay, 245);
  });

  it('brings the repaired one in, all the way', async () => {
    await author.commit({ 'functions/shop.ts': shop.replace('0.02', '0.05') });
    const deployed = await mayfly<{ release: string }>('deploy', '--canary', '50% 1s, 100%');
    better = deployed.release;
    await trade(async () => (await production()).release === better);
    assert.equal((await buy()).toPay, 252);
  });

  it('is promoted from environment to environment, and rolled back', async () => {
    await mayfly('promote', 'production', '--env', 'staging');
    assert.equal((await buy('@petstore-api--staging')).releases[0], better);
    await mayfly('rollback');
    assert.equal((await buy()).releases[0], first);
    await mayfly('promote', 'staging');
    assert.equal((await buy()).releases[0], better);
    const actions = (await production()).history.map(({ action }) => action);
    assert.deepEqual(actions.slice(0, 2), ['promote', 'rollback']);
  });
});
