import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { BuiltApp } from '../build/built-app.ts';
import type { DeployAnswer, DeployRequest } from '../contract/release-api.ts';
import { MayflyError } from '../domain/errors.ts';
import { type ApiClient, apiPath } from './api-client.ts';
import { type DeployListener, followDeploy } from './deploy-stream.ts';

/** Blobs uploaded at a time: enough to hide the latency of a far node, few enough to keep memory and sockets small. */
const UPLOADS_MAX = 8;

/** What is asked of the node, but for what the build gives; and who is told how it gets on. */
export interface DeploymentOptions extends Omit<DeployRequest, 'manifest' | 'artifacts'>, DeployListener {
  /** Told once, before blobs travel. */
  readonly onUpload?: (blobs: number, bytes: number) => void;
}

/**
 * Uploads what the node has not got yet, then makes a release and, unless the request says otherwise, activates it. Nothing is
 * live before the last step, and then everything at once.
 * @throws MayflyError whatever the node answers; NODE_UNREACHABLE
 */
export async function deployBuild(
  client: ApiClient,
  built: BuiltApp,
  { onUpload, onTakenOver, onStage, ...request }: DeploymentOptions,
): Promise<DeployAnswer> {
  const sha256 = [...built.blobs.keys()];
  const { missing } = await client.post<{ missing: string[] }>(apiPath('blobs', 'missing'), { sha256 });
  if (missing.length > 0) {
    onUpload?.(missing.length, totalBytes(built, missing));
    await uploadAll(client, built, missing);
  }
  const { manifest, artifacts } = built;
  return followDeploy(
    client,
    { ...request, manifest, artifacts: artifacts.map((files) => [...files]) },
    { onTakenOver, onStage },
  );
}

/**
 * The same for whoever only wants the build to be live: when it is already, that is no error.
 * @throws MayflyError whatever else the node answers
 */
export async function makeLive(
  client: ApiClient,
  built: BuiltApp,
  options: DeploymentOptions,
): Promise<DeployAnswer> {
  try {
    return await deployBuild(client, built, options);
  } catch (error) {
    if (error instanceof MayflyError && error.code === 'ALREADY_LIVE') {
      return error.details?.answer as DeployAnswer;
    }
    throw error;
  }
}

async function uploadAll(client: ApiClient, built: BuiltApp, missing: readonly string[]): Promise<void> {
  const queue = [...missing];
  const worker = async (): Promise<void> => {
    for (let sha256 = queue.pop(); sha256 !== undefined; sha256 = queue.pop()) {
      try {
        await upload(client, built, sha256);
      } catch (error) {
        queue.length = 0;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(UPLOADS_MAX, missing.length) }, worker));
}

async function upload(client: ApiClient, built: BuiltApp, sha256: string): Promise<void> {
  const blob = built.blobs.get(sha256);
  if (blob === undefined)
    throw new RangeError(`The node asked for a blob that is not in this build: ${sha256}`);
  const answer = await client.exchange({
    method: 'PUT',
    path: apiPath('blobs', sha256),
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(blob.bytes) },
    body: Readable.from(blob.open(), { objectMode: false }),
  });
  await text(answer);
}

function totalBytes(built: BuiltApp, sha256: readonly string[]): number {
  return sha256.reduce((sum, digest) => sum + (built.blobs.get(digest)?.bytes ?? 0), 0);
}
