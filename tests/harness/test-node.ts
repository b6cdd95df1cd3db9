import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildApp } from '../../src/build/app-builder.ts';
import { loadApp } from '../../src/build/app-loader.ts';
import { ApiClient } from '../../src/cli/api-client.ts';
import { deployBuild } from '../../src/cli/deployment.ts';
import { type RunningNode, startNode } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import type { DeployAnswer, LogLine, UsageReport } from '../../src/contract/control-api.ts';

/** An answer of the gateway, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly text: string;
  readonly json: unknown;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
}

/** A real node in this process, on free ports and a folder of its own, with what a test needs to drive it from outside. */
export class TestNode {
  readonly node: RunningNode;
  readonly folder: string;
  readonly token: string;
  readonly client: ApiClient;

  private constructor(node: RunningNode, folder: string, token: string) {
    this.node = node;
    this.folder = folder;
    this.token = token;
    this.client = new ApiClient({ url: node.controlUrl, token }, new AbortController().signal);
  }

  static async start(settings: Record<string, string> = {}): Promise<TestNode> {
    const folder = await mkdtemp(join(tmpdir(), 'mayfly-test-'));
    const flags = {
      data: join(folder, 'data'),
      gatewayPort: '0',
      controlPort: '0',
      drainTimeoutMs: '2s',
      ...settings,
    };
    const node = await startNode(loadConfig(flags, {}));
    const token = (await readFile(join(node.dataDir, 'operator-token'), 'utf8')).trim();
    return new TestNode(node, folder, token);
  }

  /** Builds and deploys an app of these files, as `mayfly deploy` does. */
  async deploy(app: string, files: Readonly<Record<string, string>>): Promise<DeployAnswer> {
    const folder = join(this.folder, 'apps', app);
    await rm(folder, { recursive: true, force: true });
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const built = await buildApp(await loadApp(folder));
    return deployBuild(this.client, built, { environment: 'production' });
  }

  /** One request to `/@APP…` of the gateway. */
  ask(path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const req = httpRequest(`${this.node.gatewayUrl}${path}`, { method, headers, agent: false }, (res) => {
        const parts: Buffer[] = [];
        res.on('data', (part: Buffer) => parts.push(part));
        res.on('error', reject);
        res.on('end', () => {
          const whole = Buffer.concat(parts);
          const text = whole.toString('utf8');
          resolve({
            status: res.statusCode!,
            headers: res.headers,
            body: whole,
            text,
            get json() {
              return JSON.parse(text);
            },
          });
        });
      });
      req.on('error', reject);
      req.end(body);
    });
  }

  async logs(query: Record<string, string> = {}): Promise<LogLine[]> {
    const search = new URLSearchParams(query).toString();
    const response = await fetch(`${this.node.controlUrl}/v1/logs?${search}`, {
      headers: { authorization: `Bearer ${this.token}` },
    });
    const lines = (await response.text()).split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as LogLine);
  }

  usage(by: 'app' | 'function' | 'day' = 'function'): Promise<UsageReport> {
    return this.client.post<UsageReport>('/v1/usage/report', { by });
  }

  async close(): Promise<void> {
    this.client.close();
    await this.node.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Polls until the condition gives something truthy. @throws when that takes longer than `withinMs` */
export async function eventually<T>(
  condition: () => Promise<T> | T,
  withinMs = 10_000,
): Promise<NonNullable<T>> {
  const until = Date.now() + withinMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > until)
      throw new Error(`It did not happen within ${withinMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
