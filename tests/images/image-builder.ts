import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { type TarMember, tarOf } from '../harness/tar-archive.ts';

const sha256Of = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

/** This machine, as images name it. */
const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch;

export interface ImageGiven {
  readonly layers: readonly (readonly TarMember[])[];
  readonly config?: Readonly<Record<string, unknown>>;
  readonly compress?: 'gzip' | 'zstd' | 'none';
  readonly architecture?: string;
}

interface Packed {
  readonly packed: Buffer;
  readonly plain: Buffer;
}

const pack = (members: readonly TarMember[], compress: ImageGiven['compress'] = 'gzip'): Packed => {
  const plain = tarOf(members);
  if (compress === 'none') return { plain, packed: plain };
  return { plain, packed: compress === 'zstd' ? zstdCompressSync(plain) : gzipSync(plain) };
};

const configOf = (
  { config = {}, architecture = ARCHITECTURE }: ImageGiven,
  layers: readonly Packed[],
): Buffer =>
  Buffer.from(
    JSON.stringify({
      os: 'linux',
      architecture,
      config,
      rootfs: { type: 'layers', diff_ids: layers.map(({ plain }) => `sha256:${sha256Of(plain)}`) },
    }),
  );

/** The files of an OCI layout with one image. */
export function layoutOf(given: ImageGiven): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const blob = (content: Buffer) => {
    const sha256 = sha256Of(content);
    files.set(`blobs/sha256/${sha256}`, content);
    return { digest: `sha256:${sha256}`, size: content.length };
  };
  const layers = given.layers.map((members) => pack(members, given.compress));
  const manifest = {
    schemaVersion: 2,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...blob(configOf(given, layers)) },
    layers: layers.map(({ packed }) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar',
      ...blob(packed),
    })),
  };
  const row = blob(Buffer.from(JSON.stringify(manifest)));
  files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  const index = {
    schemaVersion: 2,
    manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', ...row }],
  };
  files.set('index.json', Buffer.from(JSON.stringify(index)));
  return files;
}

/** What `docker save` wrote before it knew OCI: layers plain, in folders of their own. */
export function savedOf(given: ImageGiven): Map<string, Buffer> {
  const layers = given.layers.map((members) => pack(members, 'none'));
  const config = configOf(given, layers);
  const names = layers.map(({ plain }) => `${sha256Of(plain)}/layer.tar`);
  const files = new Map(layers.map(({ plain }, at) => [names[at]!, plain]));
  const name = `${sha256Of(config)}.json`;
  files.set(name, config);
  files.set(
    'manifest.json',
    Buffer.from(JSON.stringify([{ Config: name, RepoTags: ['x:1'], Layers: names }])),
  );
  return files;
}

export function archiveOf(files: ReadonlyMap<string, Buffer>): Buffer {
  return tarOf([...files].map(([path, content]) => ({ path, content })));
}
