import assert from 'node:assert/strict';
import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { eventually, TestNode } from '../harness/test-node.ts';

const LOOK = `
import { readdirSync, readlinkSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';

function look() {
  try {
    const place = getCompileCacheDir();
    return { born, link: readlinkSync(place), files: readdirSync(place).length };
  } catch {
    return { born, link: null, files: 0 };
  }
}
const born = Math.random();
export default () => look();
`;

const APP = {
  // Nothing is kept warm: every call is answered by an instance of its own.
  'mayfly.yaml': 'keepAlive: 0s\nmemory: 512MB\n',
  'functions/small.js': LOOK,
  'functions/large.js': `
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
${LOOK}
globalThis.clients = [S3Client, DynamoDBClient];
`,
};

interface Seen {
  readonly born: number;
  /** Where Node's compile cache links to. */
  readonly link: string | null;
  readonly files: number;
}

for (const isolation of ['sandbox', 'process']) {
  describe(`the compile cache of a large function (${isolation})`, { concurrency: false }, () => {
    let node: TestNode;
    before(async () => {
      node = await TestNode.start({ isolation });
      await symlink(join(import.meta.dirname, '../../node_modules'), join(node.folder, 'node_modules'));
      await node.deploy('one', APP);
    });
    after(() => node.close());

    const see = async (path: string): Promise<Seen> => (await node.ask(path)).json as Seen;
    const owners = async (): Promise<number> => {
      const folder = join(node.node.dataDir, 'compile-caches');
      const artifacts = (await readdir(folder)).filter((name) => name !== 'incoming');
      assert.ok(artifacts.length <= 1);
      return artifacts.length === 0 ? 0 : (await readdir(join(folder, artifacts[0]!))).length;
    };

    test('is made by the first instance, and read by those after it', async () => {
      const first = await see('/@one/large');
      assert.equal(first.link, null);
      const later = await eventually(async () => {
        const seen = await see('/@one/large');
        return seen.link === null ? null : seen;
      });
      assert.notEqual(later.born, first.born);
      const tag = `${process.version}-${process.arch}-`;
      assert.ok(later.link!.includes(`/.mayfly/compile-cache/${tag}`), later.link!);
      assert.ok(later.files >= 1);
      if (isolation === 'sandbox') assert.ok(later.link!.startsWith('/var/task/'));
    });

    test('is not given to another app with the same code', async () => {
      await eventually(async () => (await owners()) === 1);
      await node.deploy('two', APP);
      assert.equal((await see('/@two/large')).link, null);
      await eventually(async () => (await owners()) === 2);
    });

    test('is not made for a small function', async () => {
      for (let call = 0; call < 3; call += 1) assert.equal((await see('/@one/small')).link, null);
    });
  });
}
