import { json } from 'node:stream/consumers';
import type { DeployAnswer, DeployEvent, DeployRequest } from '../contract/release-api.ts';
import { MayflyError } from '../domain/errors.ts';
import { type ApiClient, apiPath } from './api-client.ts';
import { errorOfProblem } from './errors.ts';

/** A function may load for 15 minutes, and the node has nothing to say meanwhile, ms. */
const SILENCE_MAX_MS = 1_200_000;

export interface DeployListener {
  /** The node has the request: from now on the deploy goes on there, whatever becomes of this process. */
  readonly onTakenOver?: (() => void) | undefined;
  readonly onStage?: ((event: Extract<DeployEvent, { event: 'stage' }>) => void) | undefined;
}

/**
 * Sends a deploy and follows it to its end.
 * @throws MayflyError what the deploy failed with; NODE_UNREACHABLE when the node went away before it said how it ended
 */
export async function followDeploy(
  client: ApiClient,
  request: DeployRequest,
  { onTakenOver, onStage }: DeployListener,
): Promise<DeployAnswer> {
  const answer = await client.exchange({
    method: 'POST',
    path: apiPath('apps', request.manifest.app, 'releases'),
    headers: { 'content-type': 'application/json', accept: 'application/x-ndjson, application/json' },
    body: JSON.stringify(request),
    answerTimeoutMs: SILENCE_MAX_MS,
  });
  onTakenOver?.();
  // A node that has no news to tell answers with the result alone.
  if (answer.headers['content-type']?.includes('application/json'))
    return (await json(answer)) as DeployAnswer;
  for await (const event of client.linesOf<DeployEvent>(answer)) {
    if (event.event === 'done') return event.answer;
    if (event.event === 'failed') throw errorOfProblem(event.problem.status, event.problem);
    onStage?.(event);
  }
  throw new MayflyError(
    'NODE_UNREACHABLE',
    `The node at ${client.url} broke off before it said how the deploy ended; "mayfly releases list" shows what came of it.`,
  );
}
