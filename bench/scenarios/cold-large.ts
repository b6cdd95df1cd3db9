import { existsSync } from 'node:fs';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeApp } from '../harness/app-folder.ts';
import { firstCalls } from '../harness/first-calls.ts';
import { BenchNode } from '../harness/node.ts';
import { atMost, ratioAtMost, type Scenario } from '../harness/scenario.ts';
import { quantile } from '../harness/statistics.ts';
import { makeFolder } from '../harness/temporary-folder.ts';
import { importMs } from '../harness/yardsticks.ts';

const ROOT = join(import.meta.dirname, '../..');
const SDK_MODULES = join(ROOT, 'bench/node_modules');
const SDK = `
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

const clients = [new S3Client({ region: 'us-east-1' }), new DynamoDBClient({ region: 'us-east-1' })];
export default () => new Response(String(clients.length));
`;
/** Of about the same size, from what Mayfly itself depends on. */
const STAND_IN = `
import * as ajv from 'ajv';
import * as kysely from 'kysely';
import * as typebox from 'typebox';
import * as yaml from 'yaml';

const modules = [ajv, kysely, typebox, yaml];
export default () => new Response(String(modules.length));
`;

export const coldLarge: Scenario = {
  name: 'cold-large',
  title: 'first answer of a large bundle, from the second instance of a version on',
  notMeasured: ['the first instance of a version, which may find no compile cache yet'],
  async run(options) {
    const { quick, runs, progress } = options;
    const count = runs ?? (quick ? 2 : 20);
    const withSdk = existsSync(join(SDK_MODULES, '@aws-sdk/client-s3'));
    return BenchNode.with(options, [], async (node) => {
      const folder = await writeApp('bench', {
        'functions/large.js': withSdk ? SDK : STAND_IN,
        'mayfly.yaml': JSON.stringify({ keepAlive: 0, minify: true, memory: '512MB', initTimeout: '60s' }),
      });
      await symlink(withSdk ? SDK_MODULES : join(ROOT, 'node_modules'), join(folder, 'node_modules'));
      await node.deploy(folder);
      const url = node.urlOf('bench', 'large');
      progress(`${count} cold starts`);
      const times = (await firstCalls(node, Array(count + 2).fill(url), 1)).slice(2);
      const bundle = await bundleOf(node.dataDir);
      progress('imports in plain node');
      const imports: number[] = [];
      for (let i = 0; i < count; i++) imports.push(await importMs(bundle.path));
      const what = withSdk ? 'AWS SDK S3 + DynamoDB clients' : 'stand-in: the AWS SDK is not installed';
      return [
        { what: `bundle (${what})`, value: bundle.bytes / 1e6, unit: 'MB' },
        {
          what: 'first answer, p50',
          value: quantile(times, 0.5),
          unit: 'ms',
          yardstick: { what: 'import in a booted plain node', value: quantile(imports, 0.5) },
          promises: [atMost(75), ratioAtMost(0.85)],
        },
        { what: 'first answer, p99', value: quantile(times, 0.99), unit: 'ms' },
      ];
    });
  },
};

/** The bundle as the node has it: what was deployed, byte for byte. */
async function bundleOf(dataDir: string): Promise<{ path: string; bytes: number }> {
  let largest = Buffer.alloc(0);
  for (const entry of await readdir(join(dataDir, 'blobs'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const blob = await readFile(join(entry.parentPath, entry.name));
    const isSourceMap = blob[0] === 0x7b;
    if (!isSourceMap && blob.length > largest.length) largest = blob;
  }
  const path = join(await makeFolder(), 'large.mjs');
  await writeFile(path, largest);
  return { path, bytes: largest.length };
}
