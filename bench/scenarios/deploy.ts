import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { TrafficAnswer } from '../../src/contract/release-api.ts';
import { HELLO, writeApp } from '../harness/app-folder.ts';
import { Deployer } from '../harness/deployer.ts';
import { whileBusy } from '../harness/load.ts';
import { BenchNode } from '../harness/node.ts';
import { atMost, type Figure, ratioAtMost, type Scenario } from '../harness/scenario.ts';
import { medianOf, quantile } from '../harness/statistics.ts';
import { nodeStartMs } from '../harness/yardsticks.ts';

const APP = 'bench';
const FUNCTIONS = 50;
/** People do not deploy in the same breath; the node and its pool come to rest, ms. */
const PAUSE_MS = 300;
/** Between deploys under load: one begins this long after the last has ended, ms. */
const LOADED_PAUSE_MS = 50;

const answerOf = (index: number, generation: number): string => `function ${index}, generation ${generation}`;
const textOf = (index: number, generation: number): string =>
  `export default () => new Response('${answerOf(index, generation)}');\n`;

export const deploy: Scenario = {
  name: 'deploy',
  title: `change of one of ${FUNCTIONS} functions, live by \`mayfly deploy\`; activation; rollback; calls meanwhile`,
  notMeasured: [
    'functions that bundle packages: each of these is one small file',
    'the network between author and node: they share a machine and its cores',
    'provisioned instances and smoke tests: the app declares none',
    'the first call of the changed function, which is a cold start',
  ],
  async run(options) {
    const { quick, runs, progress } = options;
    const rounds = runs ?? (quick ? 2 : 15);
    const bootMs = await nodeStartMs(quick ? 3 : 15);
    return BenchNode.with(options, [], async (node) => {
      const app = await DeployedApp.start(node);
      progress(`${rounds} deploys`);
      const deploys: DeployTimes[] = [];
      for (let i = 0; i < rounds; i++) deploys.push(await app.deployByCommand());
      progress(`${rounds} rollbacks`);
      const rollbacks: number[] = [];
      for (let i = 0; i < rounds; i++) rollbacks.push(await app.rollbackByCommand());
      progress('activations');
      const activations = await app.activations(quick ? 4 : 100);
      const calls: CallTimes[] = [];
      for (let i = 0; i < (quick ? 1 : 5); i++) {
        progress(`calls during deploys, ${i + 1}`);
        calls.push(await app.callsDuringDeploys(quick ? 2 : 10));
      }
      const boot = { what: 'node -e 0', value: bootMs };
      const part = (what: string, of: (times: DeployTimes) => number): Figure => ({
        what: `of which ${what}`,
        value: medianOf(deploys, of),
        unit: 'ms',
      });
      const before = { what: 'before', value: medianOf(calls, (times) => times.before) };
      return [
        {
          what: 'change to live, p50',
          value: medianOf(
            deploys,
            ({ start, build, upload, node, end }) => start + build + upload + node + end,
          ),
          unit: 'ms',
          yardstick: boot,
          promises: [atMost(1_500)],
        },
        part('start of the command', ({ start }) => start),
        part('build', ({ build }) => build),
        part('upload', ({ upload }) => upload),
        part('the node', ({ node }) => node),
        part('end of the command', ({ end }) => end),
        {
          what: 'activation, p50',
          value: quantile(activations, 0.5),
          unit: 'ms',
          promises: [atMost(5)],
        },
        { what: 'activation, p99', value: quantile(activations, 0.99), unit: 'ms' },
        {
          what: 'rollback by the command, p50',
          value: quantile(rollbacks, 0.5),
          unit: 'ms',
          yardstick: boot,
          promises: [atMost(200)],
        },
        {
          what: 'warm calls, 4 clients, during deploys, p99',
          value: medianOf(calls, (times) => times.deploys),
          unit: 'ms',
          yardstick: before,
          promises: [ratioAtMost(1.5)],
        },
        {
          what: 'the same while the command builds beside the node',
          value: medianOf(calls, (times) => times.commands),
          unit: 'ms',
          yardstick: before,
        },
        {
          what: 'the same while it builds and does not deploy',
          value: medianOf(calls, (times) => times.builds),
          unit: 'ms',
          yardstick: before,
        },
      ];
    });
  },
};

/** ms; together from the start of `mayfly deploy` to its end. */
interface DeployTimes {
  readonly start: number;
  readonly build: number;
  readonly upload: number;
  readonly node: number;
  readonly end: number;
}

/** p99 of warm calls, ms: at rest, while deploys arrive that were built before, while `mayfly deploy` runs, while `mayfly build` runs. */
interface CallTimes {
  readonly before: number;
  readonly deploys: number;
  readonly commands: number;
  readonly builds: number;
}

/** The app of fifty functions on a node, beside an app that is left alone. */
class DeployedApp {
  readonly #node: BenchNode;
  readonly #folder: string;
  /** Of the function that changes. */
  readonly #file: string;
  readonly #warm: readonly string[];
  #generation = 0;

  private constructor(node: BenchNode, folder: string) {
    this.#node = node;
    this.#folder = folder;
    this.#file = join(folder, 'functions/f0.js');
    // Two of the app that is deployed, in functions that do not change, and two of the other.
    const mine = node.urlOf(APP, 'f1');
    const other = node.urlOf('other', 'hello');
    this.#warm = [mine, mine, other, other];
  }

  static async start(node: BenchNode): Promise<DeployedApp> {
    const files = Array.from({ length: FUNCTIONS }, (_, i) => [`functions/f${i}.js`, textOf(i, 0)]);
    const folder = await writeApp(APP, { 'mayfly.yaml': `name: ${APP}\n`, ...Object.fromEntries(files) });
    await node.deploy(folder);
    await node.deploy(await writeApp('other', { 'functions/hello.js': HELLO }));
    const app = new DeployedApp(node, folder);
    await app.deployByCommand();
    return app;
  }

  /** Changes a function and runs `mayfly deploy` in the folder; the function answers anew when that has ended. */
  async deployByCommand(): Promise<DeployTimes> {
    await this.#change();
    await setTimeout(PAUSE_MS);
    const started = wallMs();
    const printed = await this.#node.command(['deploy', '--events'], this.#folder);
    const ended = wallMs();
    await this.#answers(this.#generation);
    const events = printed
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { stage?: string; event: string; at: number });
    const at = (name: string): number => events.find(({ stage, event }) => (stage ?? event) === name)!.at;
    return {
      start: at('build') - started,
      build: at('upload') - at('build'),
      upload: at('check') - at('upload'),
      node: at('done') - at('check'),
      end: ended - at('done'),
    };
  }

  /** `mayfly rollback` in the folder, ms. */
  async rollbackByCommand(): Promise<number> {
    await setTimeout(PAUSE_MS);
    const started = performance.now();
    await this.#node.command(['rollback', '--json'], this.#folder);
    const tookMs = performance.now() - started;
    await this.#answers(--this.#generation);
    return tookMs;
  }

  /** Promotes the release before the last and rolls back from it, `pairs` times: what the node says of each, ms. */
  async activations(pairs: number): Promise<number[]> {
    await this.deployByCommand();
    const path = `/v1/apps/${APP}/environments/production`;
    const first = await this.#node.client.post<TrafficAnswer>(`${path}/rollback`, {});
    const other = await this.#node.client.get<{ history: { release: string }[] }>(path);
    const release = other.history.find((entry) => entry.release !== first.release)!.release;
    const times: number[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      for (const [action, body] of [['promote', { release }] as const, ['rollback', {}] as const]) {
        times.push((await this.#node.client.post<TrafficAnswer>(`${path}/${action}`, body)).activationMs);
      }
    }
    return times;
  }

  /** Alternates between rest and load, so that all four see the same machine. */
  async callsDuringDeploys(deploys: number): Promise<CallTimes> {
    const deployer = await Deployer.prepare({
      target: this.#node.target,
      folder: this.#folder,
      file: this.#file,
      texts: Array.from({ length: deploys }, () => textOf(0, ++this.#generation)),
      pauseMs: LOADED_PAUSE_MS,
    });
    // Every instance that the clients need is there, and so is the time of one phase.
    await whileBusy(this.#warm, () => setTimeout(PAUSE_MS));
    const during = await this.#p99(() => deployer.send());
    const before = await this.#p99(() => setTimeout(during.tookMs));
    const command = async (...words: string[]): Promise<void> => {
      for (let i = 0; i < Math.ceil(deploys / 3); i++) {
        await this.#change();
        await this.#node.command(words, this.#folder);
      }
    };
    const commands = await this.#p99(() => command('deploy', '--json'));
    const builds = await this.#p99(() => command('build', '-o', join(this.#folder, '../built')));
    return { before: before.p99, deploys: during.p99, commands: commands.p99, builds: builds.p99 };
  }

  async #p99(work: () => Promise<unknown>): Promise<{ p99: number; tookMs: number }> {
    const started = performance.now();
    const times = await whileBusy(this.#warm, work);
    return { p99: quantile(times, 0.99), tookMs: performance.now() - started };
  }

  #change(): Promise<void> {
    return writeFile(this.#file, textOf(0, ++this.#generation));
  }

  /** @throws Error when the changed function is another than that of this generation */
  async #answers(generation: number): Promise<void> {
    const response = await fetch(this.#node.urlOf(APP, 'f0'));
    const text = await response.text();
    if (text !== answerOf(0, generation)) throw new Error(`Not generation ${generation} but: ${text}`);
  }
}

/** The clock of the events, with a finer resolution. */
function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
