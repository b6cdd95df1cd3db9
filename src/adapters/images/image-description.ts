import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { ImageConfig } from '../../contract/image-config.ts';
import { imageRefused } from './image-error.ts';
import type { ImageFile, ImageFiles } from './image-files.ts';
import type { ImageLimits } from './image-limits.ts';

/** What an image says of itself, its layers from the lowest up. */
export interface ImageDescription {
  readonly config: ImageConfig;
  readonly layers: readonly ImageLayer[];
}

export interface ImageLayer {
  readonly file: ImageFile;
  /** SHA-256 of the file; null: the image does not say it. */
  readonly sha256: string | null;
  /** SHA-256 of what is in it, unpacked. */
  readonly diffSha256: string;
}

type Json = Record<string, unknown>;

/** Indexes within indexes. */
const NESTING_MAX = 4;
const DIGEST = /^sha256:([0-9a-f]{64})$/;
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  ia32: '386',
  arm: 'arm',
};

/**
 * Reads what an image consists of, for this machine's processor: an OCI layout, or what `docker save` writes. Every document is
 * compared with its digest; layers are when they are read.
 * @throws MayflyError VALIDATION_FAILED
 */
export async function describeImage(
  files: ImageFiles,
  limits: ImageLimits,
  architecture = ARCHITECTURES[process.arch] ?? process.arch,
): Promise<ImageDescription> {
  const index = await files.find('index.json');
  if (index !== null) {
    const manifest = await chooseManifest(
      files,
      object(await parsed(index, limits)),
      limits,
      architecture,
      0,
    );
    return fromManifest(files, manifest, limits, architecture);
  }
  const saved = await files.find('manifest.json');
  if (saved !== null) return fromSaved(files, await parsed(saved, limits), limits, architecture);
  throw imageRefused('there is neither an index.json (OCI) nor a manifest.json (docker save) in it');
}

async function chooseManifest(
  files: ImageFiles,
  index: Json,
  limits: ImageLimits,
  architecture: string,
  depth: number,
): Promise<Json> {
  if (depth > NESTING_MAX) throw imageRefused('its indexes lie too deep in each other');
  const rows = list(index.manifests).map(object);
  const fits = rows.filter(({ platform }) => {
    if (platform === undefined) return true;
    const { os, architecture: wanted } = object(platform);
    return os === 'linux' && wanted === architecture;
  });
  if (fits.length === 0) {
    const named = rows.map(({ platform }) => {
      const { os = '?', architecture: wanted = '?' } = object(platform ?? {});
      return `${os}/${wanted}`;
    });
    throw imageRefused(
      `it is for ${named.join(', ') || 'no machine'}, and this one is linux/${architecture}`,
    );
  }
  if (fits.length > 1 && depth === 0 && fits.every(({ platform }) => platform === undefined))
    throw imageRefused(`there are ${fits.length} images in it; save the one that is meant alone`);
  const document = await blobDocument(files, fits[0]!, limits);
  if (document.manifests === undefined) return document;
  return chooseManifest(files, document, limits, architecture, depth + 1);
}

async function fromManifest(
  files: ImageFiles,
  manifest: Json,
  limits: ImageLimits,
  architecture: string,
): Promise<ImageDescription> {
  const config = await blobDocument(files, object(manifest.config), limits);
  const layers = await Promise.all(
    list(manifest.layers).map(async (row) => {
      const { digest } = object(row);
      const sha256 = sha256In(digest);
      return { file: await mustFind(files, `blobs/sha256/${sha256}`), sha256 };
    }),
  );
  return described(config, layers, limits, architecture);
}

async function fromSaved(
  files: ImageFiles,
  saved: unknown,
  limits: ImageLimits,
  architecture: string,
): Promise<ImageDescription> {
  const images = list(saved).map(object);
  if (images.length !== 1)
    throw imageRefused(`there are ${images.length} images in it; save the one that is meant alone`);
  const { Config, Layers } = images[0]!;
  const name = text(Config);
  const file = await mustFind(files, name);
  // Its name is its digest, in the old form and in the new one.
  const promised = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(name)?.[1];
  const config = object(await parsed(file, limits, promised));
  const layers = await Promise.all(
    list(Layers).map(async (layer) => ({ file: await mustFind(files, text(layer)), sha256: null })),
  );
  return described(config, layers, limits, architecture);
}

function described(
  document: Json,
  layers: readonly Omit<ImageLayer, 'diffSha256'>[],
  limits: ImageLimits,
  architecture: string,
): ImageDescription {
  const { os = 'linux', architecture: made = architecture } = document;
  if (os !== 'linux' || made !== architecture)
    throw imageRefused(`it is for ${os}/${made}, and this machine is linux/${architecture}`);
  const diffs = list(object(document.rootfs ?? {}).diff_ids).map(sha256In);
  if (diffs.length !== layers.length || layers.length > limits.layersMax)
    throw imageRefused(`it has ${layers.length} layers and names ${diffs.length}`);
  const config = object(document.config ?? {});
  const words = [...strings(config.Entrypoint), ...strings(config.Cmd)];
  return {
    layers: layers.map((layer, at) => ({ ...layer, diffSha256: diffs[at]! })),
    config: {
      command: words,
      env: strings(config.Env).filter((row) => /^[^=]+=/.test(row)),
      folder: posix.resolve('/', text(config.WorkingDir ?? '')),
      user: text(config.User ?? ''),
      ports: Object.keys(object(config.ExposedPorts ?? {})),
    },
  };
}

async function blobDocument(files: ImageFiles, row: Json, limits: ImageLimits): Promise<Json> {
  const sha256 = sha256In(row.digest);
  const file = await mustFind(files, `blobs/sha256/${sha256}`);
  return object(await parsed(file, limits, sha256));
}

async function mustFind(files: ImageFiles, name: string): Promise<ImageFile> {
  const file = await files.find(name);
  if (file === null) throw imageRefused(`it has no ${name}`);
  return file;
}

async function parsed(file: ImageFile, { documentBytesMax }: ImageLimits, sha256?: string): Promise<unknown> {
  if (file.bytes > documentBytesMax) throw imageRefused('one of its documents is too large');
  const parts: Uint8Array[] = [];
  for await (const part of file.read()) parts.push(part);
  const content = Buffer.concat(parts);
  const found = createHash('sha256').update(content).digest('hex');
  if (sha256 !== undefined && found !== sha256)
    throw imageRefused(`sha256:${sha256} is not what it should be`);
  try {
    return JSON.parse(content.toString('utf8'));
  } catch (cause) {
    throw imageRefused('one of its documents is no JSON', cause);
  }
}

function sha256In(digest: unknown): string {
  const match = DIGEST.exec(String(digest));
  if (match === null) throw imageRefused(`it has the digest "${String(digest)}"; sha256 is known here`);
  return match[1]!;
}

function object(value: unknown): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw imageRefused('one of its documents has another form than it should');
}

function list(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw imageRefused('one of its documents has no list where it should');
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw imageRefused('one of its documents has no text where it should');
}

/** Left out, null or a list of texts. */
function strings(value: unknown): string[] {
  return value === undefined || value === null ? [] : list(value).map(text);
}
