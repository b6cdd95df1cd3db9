import { mkdir, rm, writeFile } from 'node:fs/promises';
import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { buildApp } from '../../src/build/app-builder.ts';
import { loadApp } from '../../src/build/app-loader.ts';
import type { BuiltApp } from '../../src/build/built-app.ts';
import { ApiClient, apiPath } from '../../src/cli/api-client.ts';
import { deployBuild } from '../../src/cli/deployment.ts';
import type { LogLine, Status, UsageReport, UsageRow } from '../../src/contract/control-api.ts';
import type { DeployAnswer } from '../../src/contract/release-api.ts';

/** An answer of the gateway, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly text: string;
  readonly json: unknown;
  /** The connection had carried a request before. */
  readonly reused: boolean;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
  /** Keeps connections; without one, each request has its own. */
  readonly agent?: Agent;
}

interface DrivenNode {
  readonly gatewayUrl: string;
  readonly controlUrl: string;
  readonly token: string;
  /** A folder of the test's own, for the sources of apps. */
  readonly folder: string;
}

/** What the kernel could start: a script that says what runs it, a binary. */
const isProgram = (content: string | Buffer): boolean =>
  /^(#!|\x7fELF)/.test(Buffer.from(content).toString('latin1', 0, 4));

/** Drives a node from outside, as clients and the CLI do. */
export class NodeDriver {
  readonly gatewayUrl: string;
  readonly controlUrl: string;
  readonly token: string;
  readonly folder: string;
  readonly client: ApiClient;

  constructor({ gatewayUrl, controlUrl, token, folder }: DrivenNode) {
    this.gatewayUrl = gatewayUrl;
    this.controlUrl = controlUrl;
    this.token = token;
    this.folder = folder;
    this.client = new ApiClient({ url: controlUrl, token }, new AbortController().signal);
  }

  /** Builds and deploys an app of these files, as `mayfly deploy` does. */
  async deploy(
    app: string,
    files: Readonly<Record<string, string | Buffer>>,
    environment?: string,
  ): Promise<DeployAnswer> {
    return this.deployBuilt(await this.build(app, files), environment);
  }

  /** The part of a deploy that runs on the author's side. */
  async build(app: string, files: Readonly<Record<string, string | Buffer>>): Promise<BuiltApp> {
    const folder = join(this.folder, 'apps', app);
    await rm(folder, { recursive: true, force: true });
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text, { mode: isProgram(text) ? 0o755 : 0o644 });
    }
    return buildApp(await loadApp(folder));
  }

  deployBuilt(built: BuiltApp, environment = 'production'): Promise<DeployAnswer> {
    return deployBuild(this.client, built, { environment });
  }

  /** One request to `/@APP…` of the gateway. */
  ask(path: string, { method = 'GET', headers = {}, body, agent }: Ask = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { method, headers, agent: agent ?? false };
      const req = httpRequest(`${this.gatewayUrl}${path}`, options, (res) => {
        const parts: Buffer[] = [];
        res.on('data', (part: Buffer) => parts.push(part));
        res.on('error', reject);
        res.on('end', () => {
          const whole = Buffer.concat(parts);
          const asText = whole.toString('utf8');
          resolve({
            status: res.statusCode!,
            headers: res.headers,
            body: whole,
            text: asText,
            reused: req.reusedSocket,
            get json() {
              return JSON.parse(asText);
            },
          });
        });
      });
      req.on('error', reject);
      req.end(body);
    });
  }

  /** A call by the control API, as `mayfly invoke` makes it: what the function answered. */
  async invoke(app: string, name: string, query: { readonly async?: boolean } = {}): Promise<string> {
    const path = apiPath('apps', app, 'environments', 'production', 'functions', name, 'invocations');
    return text(await this.client.exchange({ method: 'POST', path, query }));
  }

  status(): Promise<Status> {
    return this.client.get<Status>('/v1/status');
  }

  async logs(query: Record<string, string> = {}): Promise<LogLine[]> {
    const search = new URLSearchParams(query).toString();
    const response = await fetch(`${this.controlUrl}/v1/logs?${search}`, {
      headers: { authorization: `Bearer ${this.token}` },
    });
    const lines = (await response.text()).split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as LogLine);
  }

  usage(by: 'app' | 'function' | 'day' = 'function'): Promise<UsageReport> {
    return this.client.post<UsageReport>('/v1/usage/report', { by });
  }

  /** The ledger's row of a function, `APP/FUNCTION`. */
  async usageOf(key: string): Promise<UsageRow | undefined> {
    return (await this.usage()).rows.find((row) => row.key === key);
  }
}
