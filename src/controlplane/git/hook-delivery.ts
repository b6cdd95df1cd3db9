import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { MayflyError } from '../../domain/errors.ts';
import type { GitHost } from '../../ports/webhook-store.ts';

/** What a Git host sent, as it came. */
export interface RawDelivery {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/** What it reports. Nothing but the branch's name is taken from it: what the branch is now, the node fetches itself. */
export interface Delivery {
  readonly id: string;
  /** Null: nothing happened to a branch. */
  readonly branch: string | null;
}

const SKEW_S_MAX = 300;
const ID_CHARS_MAX = 100;
const BRANCH_CHARS_MAX = 200;

/**
 * Checks who sent it and reads what it says. Pure but for the time, s since the epoch.
 * @throws MayflyError TOKEN_INVALID (the signature), BAD_REQUEST (the body)
 */
export function readDelivery(host: GitHost, secret: string, delivery: RawDelivery, nowS: number): Delivery {
  if (!isGenuine(host, secret, delivery, nowS))
    throw new MayflyError('TOKEN_INVALID', 'The signature is not valid here.');
  const header = (name: string): string => headerOf(delivery, name);
  const [event, id] = {
    github: [header('x-github-event'), header('x-github-delivery')],
    gitea: [header('x-gitea-event'), header('x-gitea-delivery')],
    gitlab: [header('x-gitlab-event'), header('webhook-id') || header('x-gitlab-event-uuid')],
  }[host] as [string, string];
  const fallback = createHash('sha256').update(delivery.body).digest('hex');
  const known = id !== '' && id.length <= ID_CHARS_MAX;
  return { id: known ? id : fallback, branch: branchIn(event, payloadOf(delivery)) };
}

function isGenuine(host: GitHost, secret: string, delivery: RawDelivery, nowS: number): boolean {
  const mac = (): string => createHmac('sha256', secret).update(delivery.body).digest('hex');
  if (host === 'github') return same(headerOf(delivery, 'x-hub-signature-256'), `sha256=${mac()}`);
  if (host === 'gitea') return same(headerOf(delivery, 'x-gitea-signature'), mac());
  const signatures = headerOf(delivery, 'webhook-signature');
  if (signatures === '') return same(headerOf(delivery, 'x-gitlab-token'), secret);
  // GitLab signs as Standard Webhooks has it where it is given a signing token.
  const timestamp = headerOf(delivery, 'webhook-timestamp');
  if (!(Math.abs(nowS - Number(timestamp)) <= SKEW_S_MAX)) return false;
  const signed = createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
    .update(`${headerOf(delivery, 'webhook-id')}.${timestamp}.`)
    .update(delivery.body)
    .digest('base64');
  return signatures.split(' ').some((each) => same(each, `v1,${signed}`));
}

/** In a time that says nothing about either. */
function same(given: string, expected: string): boolean {
  const [left, right] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(left!, right!);
}

function headerOf({ headers }: RawDelivery, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

function payloadOf({ body }: RawDelivery): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new MayflyError(
    'BAD_REQUEST',
    'The body is no JSON object; set the content type application/json at the host.',
  );
}

/** Pushes name a reference, deletions (of GitHub and Gitea) the branch alone. */
function branchIn(event: string, { ref, ref_type: type }: Record<string, unknown>): string | null {
  if (typeof ref !== 'string') return null;
  const isPush = event === 'push' || event === 'Push Hook';
  const branch = isPush ? /^refs\/heads\/(.+)$/.exec(ref)?.[1] : undefined;
  const found = branch ?? (event === 'delete' && type === 'branch' ? ref : null);
  return found === null || found.length > BRANCH_CHARS_MAX ? null : found;
}
