import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { GatewayClient, type GatewayRequest } from './gateway-call.ts';
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
  const request: GatewayRequest = {
    method: call.method,
    url: `${gatewayUrl}/@quickstart${call.path}`,
    ...(call.type === undefined ? {} : { headers: { 'content-type': call.type } }),
    ...(call.file === undefined ? {} : { body: await readFile(path.join(appDir, call.file)) }),
  };
  const cold = await client.call(request);
  const warm: number[] = [];
  let ok = true;
  let proof = '';
  try {
    proof = call.prove(cold, request.body);
    for (let count = 0; count < WARM_CALLS; count++) {
      const answer = await client.call(request);
      call.prove(answer, request.body);
      warm.push(answer.totalMs);
    }
  } catch (error) {
    ok = false;
    proof = `${(error as Error).message} (status ${cold.status})`;
  }
  const median = warm.sort((a, b) => a - b)[warm.length >> 1] ?? 0;
  return { function: call.function, url: request.url, ok, coldMs: cold.totalMs, warmMs: median, proof };
}
