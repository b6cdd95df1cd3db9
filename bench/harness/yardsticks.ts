import { existsSync } from 'node:fs';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findPython } from '../../src/build/python/python-program.ts';
import { findFreePort } from './free-port.ts';
import { end, firstLine, start } from './process.ts';
import { median } from './statistics.ts';
import { makeFolder } from './temporary-folder.ts';

const BENCH = join(import.meta.dirname, '..');
const MODULES = join(BENCH, 'node_modules');
const PEER_READY_TIMEOUT_MS = 15_000;

/** A server that answers as the scenarios' function does. */
export interface Server {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  close(): Promise<void>;
}

/** A bare `node:http` server. */
export async function startBareHttp(): Promise<Server> {
  const child = start(process.execPath, [join(BENCH, 'yardsticks/bare-http.js')]);
  const port = await firstLine(child, 'The bare server', (line) => /^port (\d+)$/.exec(line)?.[1] ?? null);
  return { name: 'node:http', url: `http://127.0.0.1:${port}/`, pid: child.pid!, close: () => end(child) };
}

/** The peers that are installed, started. `npm ci --prefix bench` installs them. */
export async function startPeers(): Promise<Server[]> {
  const peers = await Promise.all([startWorkerd(), startFunctionsFramework()]);
  return peers.filter((peer) => peer !== null);
}

export const PEER_NAMES = ['workerd', 'functions-framework'] as const;

async function startWorkerd(): Promise<Server | null> {
  // The program itself: the script in .bin starts it as a child that would outlive the script.
  const platform = `${process.platform}-${process.arch === 'x64' ? '64' : process.arch}`;
  const binary = join(MODULES, `@cloudflare/workerd-${platform}/bin/workerd`);
  if (!existsSync(binary)) return null;
  const port = await findFreePort();
  const folder = await makeFolder();
  await symlink(join(BENCH, 'peers/worker.js'), join(folder, 'worker.js'));
  await writeFile(
    join(folder, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (modules = [(name = "worker.js", esModule = embed "worker.js")], compatibilityDate = "2025-01-01"))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`,
  );
  const child = start(binary, ['serve', join(folder, 'config.capnp')]);
  const close = async (): Promise<void> => {
    await end(child);
    await rm(folder, { recursive: true });
  };
  return ready({ name: 'workerd', url: `http://127.0.0.1:${port}/`, pid: child.pid!, close });
}

async function startFunctionsFramework(): Promise<Server | null> {
  const program = join(MODULES, '@google-cloud/functions-framework/build/src/main.js');
  if (!existsSync(program)) return null;
  const port = await findFreePort();
  const source = join(BENCH, 'peers/function.cjs');
  const child = start(process.execPath, [program, '--target=hello', `--source=${source}`, `--port=${port}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}/`;
  return ready({ name: 'functions-framework', url, pid: child.pid!, close: () => end(child) });
}

async function ready(server: Server): Promise<Server> {
  const deadline = performance.now() + PEER_READY_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const status = await fetch(server.url).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return server;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await server.close();
  throw new Error(`${server.name} was not ready within ${PEER_READY_TIMEOUT_MS} ms.`);
}

/** Median time of `node -e 0`, start to exit, ms. */
export function nodeStartMs(runs: number): Promise<number> {
  return programMs(process.execPath, ['-e', '0'], runs);
}

/** The same of `python3 -c pass`, of the Python that nodes find. */
export async function pythonStartMs(runs: number): Promise<number> {
  const python = await findPython();
  if (python === null) throw new Error('There is no Python on this machine.');
  return programMs(python.executable, ['-I', '-c', 'pass'], runs);
}

async function programMs(program: string, words: readonly string[], runs: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const started = performance.now();
    const child = start(program, words, { stdio: 'ignore' });
    await new Promise((resolve) => child.once('exit', resolve));
    times.push(performance.now() - started);
  }
  return median(times);
}

/** How long a booted plain `node` takes to import a file, ms. */
export async function importMs(file: string): Promise<number> {
  const child = start(process.execPath, [join(BENCH, 'yardsticks/import-timer.js')], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const message = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', () => reject(new Error(`${file} could not be imported.`)));
    });
  await message();
  const took = message();
  child.send(file);
  return Number(await took);
}
