import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { MayflyError } from '../../domain/errors.ts';
import type { HttpProbe, ProbeAnswer, ProbeRequest } from '../../ports/http-probe.ts';

/** `HttpProbe` over `node:http`: a connection of its own for each request, no redirect followed, no retry. */
export class NodeHttpProbe implements HttpProbe {
  async request(probe: ProbeRequest): Promise<ProbeAnswer> {
    const { url, timeoutMs } = probe;
    // One clock for all of it: connecting, the head, and a body that drips.
    const late = AbortSignal.timeout(timeoutMs);
    try {
      const response = await answerTo(probe, late);
      return {
        status: response.statusCode!,
        headers: flat(response.headers),
        body: await bodyOf(response, probe.bodyBytesMax),
      };
    } catch (cause) {
      if (late.aborted)
        throw new MayflyError('REQUEST_TIMEOUT', `${url} did not answer within ${timeoutMs} ms.`, { cause });
      throw new MayflyError('NODE_UNREACHABLE', `${url} gave no answer: ${String(cause)}`, { cause });
    }
  }
}

function answerTo(probe: ProbeRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { url, method, headers, body } = probe;
  return new Promise((resolve, reject) => {
    const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = request(url, { method, headers: { ...headers, ...length }, agent: false, signal }, resolve);
    sent.on('error', reject);
    sent.end(body ?? undefined);
  });
}

/** The body as text; when it is longer than the bound, its beginning, and the connection is cut. */
async function bodyOf(response: IncomingMessage, bytesMax: number): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
    if (bytes >= bytesMax) break;
  }
  response.destroy();
  const kept = Buffer.concat(parts).subarray(0, bytesMax);
  // A character that the cut went through is left out.
  return new TextDecoder().decode(kept, { stream: bytes > bytesMax });
}

function flat(headers: IncomingHttpHeaders): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]);
  return Object.fromEntries(entries) as Record<string, string>;
}
