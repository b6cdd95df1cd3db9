import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { packageOf } from '../../src/adapters/runtimes/runtime-packages.ts';
import { type TarMember, tarOf } from '../harness/tar-archive.ts';

/** The npm package of Node.js for this machine. */
export const PACKAGE = packageOf('nodejs22')!.name;

/** A tarball as npm publishes it, whose `node` says it is that version and is the Node.js that runs now. */
export function packed(
  version: string,
  change: { name?: string; binary?: string; more?: TarMember[] } = {},
): Buffer {
  const { name = PACKAGE, more = [] } = change;
  const binary =
    change.binary ??
    `#!/bin/sh\n[ "$1" = --version ] && exec echo v${version}\nexec "${process.execPath}" "$@"\n`;
  return gzipSync(
    tarOf([
      { path: 'package/package.json', content: JSON.stringify({ name, version }) },
      { path: 'package/bin/node', content: binary, mode: 0o755 },
      ...more,
    ]),
  );
}

export const integrityOf = (tarball: Buffer): string =>
  `sha512-${createHash('sha512').update(tarball).digest('base64')}`;

/** An npm registry with one package, on a port of its own. */
export class StandInRegistry {
  readonly tarballs = new Map<string, Buffer>();
  /** Instead of the tarball's own. */
  readonly integrities = new Map<string, string>();
  downloads = 0;
  /** Called when a tarball was asked for; the answer waits for it. */
  onDownload: () => Promise<void> = async () => {};
  readonly #server: Server;
  url = '';

  private constructor() {
    this.#server = createServer(async (request, answer) => {
      const file = /\/-\/(?<version>[^/]+)\.tgz$/.exec(request.url ?? '')?.groups?.version;
      if (file !== undefined) {
        this.downloads += 1;
        const tarball = this.tarballs.get(file)!;
        answer.writeHead(200, { 'content-length': tarball.length });
        answer.write(tarball.subarray(0, 100));
        await this.onDownload();
        answer.end(tarball.subarray(100));
      } else if (request.url === `/${PACKAGE}`) {
        answer.setHeader('content-type', 'application/json');
        answer.end(JSON.stringify(this.#description()));
      } else {
        answer.writeHead(404).end('{}');
      }
    });
  }

  static async open(versions: readonly string[] = []): Promise<StandInRegistry> {
    const registry = new StandInRegistry();
    for (const version of versions) registry.tarballs.set(version, packed(version));
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve));
    registry.url = `http://127.0.0.1:${(registry.#server.address() as AddressInfo).port}/`;
    return registry;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #description() {
    const versions = [...this.tarballs].map(([version, tarball]) => {
      const integrity = this.integrities.get(version) ?? integrityOf(tarball);
      const dist = { integrity, tarball: `${this.url}${PACKAGE}/-/${version}.tgz` };
      return [version, { name: PACKAGE, version, dist }] as const;
    });
    return {
      name: PACKAGE,
      'dist-tags': { latest: versions.at(-1)?.[0] },
      versions: Object.fromEntries(versions),
    };
  }
}
