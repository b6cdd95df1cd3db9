import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningNode, startNode } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import { NodeDriver } from './node-driver.ts';

/** A real node in this process, on free ports and a folder of its own. */
export class TestNode extends NodeDriver {
  readonly node: RunningNode;

  private constructor(node: RunningNode, folder: string, token: string) {
    super({ gatewayUrl: node.gatewayUrl, controlUrl: node.controlUrl, folder, token });
    this.node = node;
  }

  static async start(settings: Record<string, string> = {}): Promise<TestNode> {
    const folder = await mkdtemp(join(tmpdir(), 'mayfly-test-'));
    const flags = {
      data: join(folder, 'data'),
      gatewayPort: '0',
      controlPort: '0',
      edgePort: '0',
      drainTimeoutMs: '2s',
      ...settings,
    };
    const node = await startNode(loadConfig(flags, {}));
    const token = (await readFile(join(node.dataDir, 'operator-token'), 'utf8')).trim();
    return new TestNode(node, folder, token);
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
