import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  CreateFunctionCommand,
  type FunctionConfiguration,
  LambdaClient,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import type { Credentials } from '../../src/contract/credentials-api.ts';
import { zipOf } from '../../tests/edge/zip-file.ts';
import { writeApp } from '../harness/app-folder.ts';
import { Deployer } from '../harness/deployer.ts';
import { WatchedNode } from '../harness/event-loop.ts';
import type { BenchNode } from '../harness/node.ts';
import { atMost, type Figure, type Scenario } from '../harness/scenario.ts';
import { medianOf, quantile } from '../harness/statistics.ts';

const APP = 'bench';
const FUNCTIONS = 50;
const ZIP_MB = 45;
const QUICK_ZIP_MB = 2;
/** Files of the archive, beside the handler. */
const FILES = 90;
const REST_MS = 3_000;
const SETTLE_MS = 500;
const FunctionName = 'large';

const textOf = (index: number, generation: number): string =>
  `export default () => new Response('function ${index}, generation ${generation}');\n`;

/** An archive of about so many MB, whose content is another each time, and does not become smaller by packing. */
function archiveOf(megabytes: number): Buffer {
  const bytes = Math.floor((megabytes * 1024 * 1024) / FILES);
  const files = Array.from({ length: FILES }, (_, i) => ({
    path: `data/${i}.bin`,
    content: randomBytes(bytes),
  }));
  return zipOf([{ path: 'index.js', content: 'exports.handler = async () => 1;' }, ...files]);
}

export const unzip: Scenario = {
  name: 'unzip',
  title: `event-loop delay of the node while ${ZIP_MB} MB are unzipped, and ${FUNCTIONS} functions deployed`,
  notMeasured: [
    'one long delay counts for every millisecond of it, as it does for those who wait',
    'delays of a machine whose cores are all busy, which are in the figure at rest too',
    'payloads of calls: only code is sent',
  ],
  async run(options) {
    const { quick, runs, progress } = options;
    const rounds = runs ?? (quick ? 1 : 5);
    const megabytes = quick ? QUICK_ZIP_MB : ZIP_MB;
    return WatchedNode.with(options, [], async (watched) => {
      const { node } = watched;
      const folder = await deployFunctions(node);
      const client = await clientOf(node);
      const before = archiveOf(1);
      await client.send(
        new CreateFunctionCommand({
          FunctionName,
          Role: 'arn:aws:iam::000000000000:role/bench',
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Code: { ZipFile: before },
        }),
      );
      const times: Delays[] = [];
      for (let round = 0; round < rounds; round++) {
        progress(`round ${round + 1}`);
        const archive = archiveOf(megabytes);
        const deployer = await Deployer.prepare({
          target: node.target,
          folder,
          file: join(folder, 'functions/f0.js'),
          texts: Array.from({ length: quick ? 2 : 10 }, (_, i) => textOf(0, 1 + round * 100 + i)),
          pauseMs: 20,
        });
        const upload = (): Promise<FunctionConfiguration> =>
          client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: archive }));
        await setTimeout(SETTLE_MS);
        const rest = await watched.delaysDuring(() => setTimeout(quick ? SETTLE_MS : REST_MS));
        const unzips = await watched.delaysDuring(upload);
        await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: before }));
        await setTimeout(SETTLE_MS);
        const again = archiveOf(megabytes);
        const both = await watched.delaysDuring(() =>
          Promise.all([
            deployer.send(),
            client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: again })),
          ]),
        );
        times.push({ rest, unzips, both });
      }
      client.destroy();
      const rest = { what: 'at rest', value: p99(times, 'rest') };
      return [
        figureOf('unzip', p99(times, 'unzips'), rest),
        { what: 'unzip, longest', value: longest(times, 'unzips'), unit: 'ms' },
        figureOf('unzip and deploys', p99(times, 'both'), rest),
        { what: 'unzip and deploys, longest', value: longest(times, 'both'), unit: 'ms' },
      ];
    });
  },
};

/** ms. */
interface Delays {
  readonly rest: readonly number[];
  readonly unzips: readonly number[];
  readonly both: readonly number[];
}

function figureOf(what: string, value: number, yardstick: { what: string; value: number }): Figure {
  return { what: `${what}, p99`, value, unit: 'ms', yardstick, promises: [atMost(20)] };
}

const p99 = (times: readonly Delays[], of: keyof Delays): number =>
  medianOf(times, (each) => quantile(each[of], 0.99));
const longest = (times: readonly Delays[], of: keyof Delays): number =>
  medianOf(times, (each) => quantile(each[of], 1));

async function deployFunctions(node: BenchNode): Promise<string> {
  const files = Array.from({ length: FUNCTIONS }, (_, i) => [`functions/f${i}.js`, textOf(i, 0)]);
  const folder = await writeApp(APP, { 'mayfly.yaml': `name: ${APP}\n`, ...Object.fromEntries(files) });
  await node.deploy(folder);
  return folder;
}

async function clientOf(node: BenchNode): Promise<LambdaClient> {
  const {
    region,
    endpointUrl: endpoint,
    ...credentials
  } = await node.client.get<Credentials>('/v1/credentials');
  return new LambdaClient({ endpoint, region, credentials, maxAttempts: 1 });
}
