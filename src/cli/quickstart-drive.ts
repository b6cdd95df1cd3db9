import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type GatewayAnswer, GatewayClient, type GatewayRequest } from './gateway-call.ts';
import { QUICKSTART_CALLS, type QuickstartCall } from './quickstart-calls.ts';

/** Warm calls of each function, after the cold one. */
const WARM_CALLS = 5;

/** What came of the calls of one function. */
export interface DrivenCall {
  readonly function: string;
  readonly url: string;
  readonly ok: boolean;
  /** First call: the function had no instance. From sending to the last byte, ms. */
  readonly coldMs: number;
  /** Median of the calls after it, ms. */
  readonly warmMs: number;
  /** What shows that the function did its work; or what went wrong. */
  readonly proof: string;
}

/**
 * Calls every function of the quickstart app over HTTP, one after the other, and checks what it answers.
 * By path (`/@quickstart/…`): not every resolver knows that `*.localhost` is this machine.
 */
export async function driveAll(
  gatewayUrl: string,
  appDir: string,
  signal: AbortSignal,
): Promise<DrivenCall[]> {
  const client = new GatewayClient(signal);
  try {
    const results: DrivenCall[] = [];
    for (const call of QUICKSTART_CALLS) results.push(await drive(client, gatewayUrl, appDir, call));
    return results;
  } finally {
    client.close();
  }
}

async function drive(
  client: GatewayClient,
  gatewayUrl: string,
  appDir: string,
  call: QuickstartCall,
): Promise<DrivenCall> {
  const body = call.file === undefined ? Buffer.alloc(0) : await readFile(path.join(appDir, call.file));
  const request: GatewayRequest = {
    method: call.method,
    url: `${gatewayUrl}/@quickstart${call.path}`,
    ...(call.type === undefined ? {} : { headers: { 'content-type': call.type }, body }),
  };
  const { coldMs, proof, ok } = await coldCall(client, request, call, body);
  const warm: number[] = [];
  for (let count = 0; ok && count < WARM_CALLS; count++) warm.push((await client.call(request)).totalMs);
  const median = warm.sort((a, b) => a - b)[warm.length >> 1] ?? 0;
  return { function: call.function, url: request.url, ok, coldMs, warmMs: median, proof };
}

async function coldCall(client: GatewayClient, request: GatewayRequest, call: QuickstartCall, body: Buffer) {
  const answer: GatewayAnswer = await client.call(request);
  try {
    if (answer.status !== 200)
      throw new Error(`${answer.status} ${answer.body.toString('utf8').slice(0, 200)}`);
    return { ok: true, coldMs: answer.totalMs, proof: call.prove(answer, body) };
  } catch (error) {
    return { ok: false, coldMs: answer.totalMs, proof: (error as Error).message };
  }
}
