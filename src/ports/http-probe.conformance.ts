import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HttpProbe, ProbeRequest } from './http-probe.ts';

/** A server that the suite asks; each path says what it answers. */
export interface ProbedServer {
  /** Base URL; `/echo` answers 200 with JSON `{method, url, headers, body}`. */
  readonly url: string;
  /** Where nobody listens. */
  readonly nowhere: string;
}

/** What every `HttpProbe` does. `using` gives a probe, and a server that answers as the paths say. */
export function httpProbeConformance(
  name: string,
  using: (body: (probe: HttpProbe, server: ProbedServer) => Promise<void>) => Promise<void>,
): void {
  const ask = (url: string, rest: Partial<ProbeRequest> = {}): ProbeRequest => ({
    url,
    method: 'GET',
    headers: {},
    body: null,
    timeoutMs: 5_000,
    bodyBytesMax: 1_000,
    ...rest,
  });

  describe(`HttpProbe: ${name}`, () => {
    it('sends method, headers and body as they are, and tells the whole answer', () =>
      using(async (probe, { url }) => {
        const sent = ask(`${url}/echo?a=b`, {
          method: 'POST',
          headers: { 'content-type': 'text/plain', 'x-mayfly-release': 'r-1.0' },
          body: 'grüße',
        });
        const { status, headers, body } = await probe.request(sent);
        assert.equal(status, 200);
        assert.equal(headers['content-type'], 'application/json');
        const seen = JSON.parse(body);
        assert.deepEqual([seen.method, seen.url, seen.body], ['POST', '/echo?a=b', 'grüße']);
        assert.equal(seen.headers['x-mayfly-release'], 'r-1.0');
        assert.equal(seen.headers['content-type'], 'text/plain');
        assert.equal(seen.headers['content-length'], '7');
      }));

    it('takes failures and redirects for answers', () =>
      using(async (probe, { url }) => {
        assert.equal((await probe.request(ask(`${url}/status/503`))).status, 503);
        const moved = await probe.request(ask(`${url}/status/302`));
        assert.deepEqual([moved.status, moved.headers.location], [302, '/echo']);
        assert.equal((await probe.request(ask(`${url}/status/204`))).body, '');
        assert.equal((await probe.request(ask(`${url}/echo`, { method: 'HEAD' }))).body, '');
      }));

    it('cuts a body at the bound, between characters, however long it is', () =>
      using(async (probe, { url }) => {
        const cut = await probe.request(ask(`${url}/endless`, { bodyBytesMax: 5 }));
        // Two bytes a character.
        assert.deepEqual([cut.status, cut.body], [200, 'öö']);
        const whole = await probe.request(ask(`${url}/status/503`, { bodyBytesMax: 3 }));
        assert.equal(whole.body, '503');
      }));

    it('gives up in time, on a head that does not come and on a body that does not end', () =>
      using(async (probe, { url }) => {
        for (const path of ['/silent', '/dripping']) {
          const asked = ask(`${url}${path}`, { timeoutMs: 100 });
          await assert.rejects(probe.request(asked), { code: 'REQUEST_TIMEOUT' }, path);
        }
      }));

    it('says when there is no answer', () =>
      using(async (probe, { url, nowhere }) => {
        await assert.rejects(probe.request(ask(nowhere)), { code: 'NODE_UNREACHABLE' });
        for (const path of ['/hangs-up', '/half'])
          await assert.rejects(probe.request(ask(`${url}${path}`)), { code: 'NODE_UNREACHABLE' }, path);
      }));
  });
}
