import type { IncomingHttpHeaders } from 'node:http';
import { RELEASE_HEADER } from '../../contract/release-header.ts';
import { MayflyError } from '../../domain/errors.ts';
import { bucketOf, isForCanary } from '../../domain/traffic-split.ts';
import type { LiveCanary, LiveEnvironment } from '../dispatch/live-environment.ts';
import type { LiveRelease } from '../dispatch/live-release.ts';
import { bucketIn } from './canary-cookie.ts';

/** What of a request decides which release serves it. */
export interface ChoiceFacts {
  readonly headers: IncomingHttpHeaders;
  readonly remoteAddress: string;
  /** Draws a bucket, 0 to 9,999, for a client that has none. */
  readonly draw: () => number;
}

export interface ReleaseChoice {
  /** Null: nothing has been activated. */
  readonly release: LiveRelease | null;
  /** The bucket that was drawn for the client and that it is to keep by a cookie; null: it has one, or needs none. */
  readonly drawn: number | null;
}

/** How the socket tells an IPv4 address when it listens to both. */
const MAPPED_IPV4 = '::ffff:';

/**
 * Which release serves a request, first match: the release whose pin it shows; the track that a tester names; the canary
 * for the clients whose bucket is below its weight; the stable release.
 * @throws MayflyError RELEASE_NOT_FOUND: a pin or a name that leads nowhere. Another release in its place would mix two
 * in one chain of calls, or tell a tester lies.
 */
export function chooseRelease(environment: LiveEnvironment, facts: ChoiceFacts): ReleaseChoice {
  const wish = facts.headers[RELEASE_HEADER];
  if (typeof wish === 'string') return { release: wished(environment, wish), drawn: null };
  const { canary, stable } = environment;
  if (canary === null) return { release: stable, drawn: null };
  const kept = keptBucket(canary, facts);
  const bucket = kept ?? facts.draw();
  return {
    release: isForCanary(canary, bucket) ? canary.release : stable,
    drawn: kept === null ? bucket : null,
  };
}

function wished(environment: LiveEnvironment, wish: string): LiveRelease {
  const release = environment.wished(wish);
  if (release !== null) return release;
  const known = 'It names neither a release that serves some of the clients here nor a call under way.';
  throw new MayflyError('RELEASE_NOT_FOUND', `The header ${RELEASE_HEADER} leads to no release. ${known}`);
}

/** The client's bucket by the canary's sticky key; null: only a cookie can keep it, and none came. */
function keptBucket({ id, key }: LiveCanary, { headers, remoteAddress }: ChoiceFacts): number | null {
  if (key.kind === 'address') return bucketOf(id, plainAddress(remoteAddress));
  if (key.kind === 'header') {
    const value = headers[key.name];
    if (value !== undefined) return bucketOf(id, String(value));
  }
  return bucketIn(headers.cookie, id);
}

function plainAddress(address: string): string {
  return address.startsWith(MAPPED_IPV4) ? address.slice(MAPPED_IPV4.length) : address;
}
