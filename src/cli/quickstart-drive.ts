import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Status } from '../contract/control-api.ts';
import { type ApiClient, apiPath } from './api-client.ts';
import { type GatewayAnswer, GatewayClient, type GatewayRequest } from './gateway-call.ts';
import { QUICKSTART_CALLS, type QuickstartCall } from './quickstart-calls.ts';

/** Warm calls of each function, after the cold one. */
const WARM_CALLS = 5;
/** Longest wait for a booted guest before a cold call, ms. */
const PREWARM_PATIENCE_MS = 2_000;

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

interface Drive {
  readonly client: ApiClient;
  readonly gatewayUrl: string;
  readonly appDir: string;
  readonly signal: AbortSignal;
}

/**
 * Calls every function of the quickstart app over HTTP, one after the other, and checks what it answers.
 * By path (`/@quickstart/…`): not every resolver knows that `*.localhost` is this machine.
 */
export async function driveAll({ client, gatewayUrl, appDir, signal }: Drive): Promise<DrivenCall[]> {
  const gateway = new GatewayClient(signal);
  try {
    // Opens the connection and loads this side's code, so that neither is counted as the first function's cold start.
    await gateway.call({ method: 'GET', url: `${gatewayUrl}/@quickstart/no-such-function` });
    const results: DrivenCall[] = [];
    for (const call of QUICKSTART_CALLS) {
      await untilPrewarmed(client, signal);
      results.push(await drive(gateway, gatewayUrl, appDir, call));
    }
    return results;
  } finally {
    gateway.close();
  }
}

/**
 * Waits until an empty guest is booted, as on a node that has been up for a moment. A node that keeps none is not
 * waited for longer than `PREWARM_PATIENCE_MS`.
 */
async function untilPrewarmed(client: ApiClient, signal: AbortSignal): Promise<void> {
  const until = performance.now() + PREWARM_PATIENCE_MS;
  while (performance.now() < until) {
    const { instances } = await client.get<Status>(apiPath('status'));
    if ((instances.prewarmed ?? 0) > 0) return;
    await sleep(10, undefined, { signal });
  }
}

async function drive(
  gateway: GatewayClient,
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
  const { coldMs, proof, ok } = await coldCall(gateway, request, call, body);
  const warm: number[] = [];
  for (let count = 0; ok && count < WARM_CALLS; count++) warm.push((await gateway.call(request)).totalMs);
  const median = warm.sort((a, b) => a - b)[warm.length >> 1] ?? 0;
  return { function: call.function, url: request.url, ok, coldMs, warmMs: median, proof };
}

async function coldCall(gateway: GatewayClient, request: GatewayRequest, call: QuickstartCall, body: Buffer) {
  const answer: GatewayAnswer = await gateway.call(request);
  try {
    if (answer.status !== 200)
      throw new Error(`${answer.status} ${answer.body.toString('utf8').slice(0, 200)}`);
    return { ok: true, coldMs: answer.totalMs, proof: call.prove(answer, body) };
  } catch (error) {
    return { ok: false, coldMs: answer.totalMs, proof: (error as Error).message };
  }
}
