import { createReadStream, type Stats, stat } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { isAbsolute, join, normalize, sep } from 'node:path';
import { contentType, mediaType } from './mime-table.ts';

export interface FileOptions {
  /** Folder that relative paths are in. */
  readonly root?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** ms */
  readonly maxAge?: number;
  /** Whether files whose names begin with a dot are sent. Default: they are not there. */
  readonly dotfiles?: 'allow' | 'deny' | 'ignore';
}

interface FileResponse extends ServerResponse {
  sendStatus(code: number): this;
}

type Done = ((error?: unknown) => void) | null;

/** Sends a file; `done` hears of the end, or of what went wrong, which is answered when nobody listens. */
export function sendFile(response: FileResponse, path: string, options: FileOptions, done: Done): void {
  const { root } = options;
  if (typeof path !== 'string') throw new TypeError('path must be a string to res.sendFile');
  if (root === undefined && !isAbsolute(path)) {
    throw new TypeError('path must be absolute or specify root to res.sendFile');
  }
  const inner = normalize(path);
  const leaves = root !== undefined && (inner === '..' || inner.startsWith(`..${sep}`));
  const hidden = options.dotfiles !== 'allow' && inner.split(sep).some((name) => /^\.[^.]/.test(name));
  const refusal = leaves
    ? 403
    : root !== undefined && hidden
      ? options.dotfiles === 'deny'
        ? 403
        : 404
      : null;
  if (refusal !== null) {
    refuse(response, refusal, done);
    return;
  }
  const file = root === undefined ? inner : join(root, inner);
  stat(file, (error, stats) => {
    if (error !== null || !stats.isFile()) refuse(response, 404, done);
    else stream(response, file, stats, options, done);
  });
}

function stream(response: FileResponse, file: string, stats: Stats, options: FileOptions, done: Done): void {
  const { headers = {}, maxAge = 0 } = options;
  const type = mediaType(file);
  const given: Record<string, string> = {
    'Cache-Control': `public, max-age=${Math.floor(maxAge / 1000)}`,
    'Last-Modified': stats.mtime.toUTCString(),
    'Content-Type': type === null ? 'application/octet-stream' : contentType(type),
    ...headers,
  };
  for (const name of Object.keys(given)) {
    if (!response.hasHeader(name) || name in headers) response.setHeader(name, given[name]!);
  }
  response.setHeader('Content-Length', stats.size);
  if (response.req.method === 'HEAD') {
    response.end(() => done?.());
    return;
  }
  const source = createReadStream(file);
  source.once('error', (error) => {
    response.destroy(error);
    done?.(error);
  });
  response.once('close', () => source.destroy());
  response.once('finish', () => done?.());
  source.pipe(response);
}

function refuse(response: FileResponse, status: number, done: Done): void {
  if (done === null) response.sendStatus(status);
  else
    done(
      Object.assign(new Error(status === 403 ? 'Forbidden' : 'Not Found'), { status, statusCode: status }),
    );
}
