import type { SmokeTest } from '../../contract/manifest.ts';
import { RELEASE_HEADER } from '../../contract/release-header.ts';
import { MayflyError } from '../../domain/errors.ts';
import { type AppSnapshot, addressOf } from '../../domain/snapshot.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HttpProbe, ProbeAnswer } from '../../ports/http-probe.ts';

/** All of them together; what a deploy assembled is safe from the collector for much longer. */
const TOTAL_MS_MAX = 600_000;
const BODY_BYTES_MAX = 1024 * 1024;
const BODY_CHARS_SHOWN = 500;

/** The requests that a release must answer as expected before anybody is served by it. */
export class SmokeTests {
  readonly #probe: HttpProbe;
  readonly #gateway: () => string;
  readonly #clock: Clock;

  /** `gateway`: where it listens, `http://127.0.0.1:8080`. */
  constructor(probe: HttpProbe, gateway: () => string, clock: Clock) {
    this.#probe = probe;
    this.#gateway = gateway;
    this.#clock = clock;
  }

  /** One after another, since a later one may rely on an earlier one. @throws MayflyError SMOKE_FAILED; the signal's reason */
  async run(snapshot: AppSnapshot, tests: readonly SmokeTest[], signal: AbortSignal): Promise<void> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    aborted.catch(() => {});
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      signal.throwIfAborted();
      const until = this.#clock.now() + TOTAL_MS_MAX;
      for (const test of tests) {
        const timeoutMs = Math.min(test.timeoutMs, Math.ceil(until - this.#clock.now()));
        if (timeoutMs <= 0) throw failure(test, 'came too late: the tests took too long together', null);
        await Promise.race([this.#run(snapshot, { ...test, timeoutMs }), aborted]);
      }
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async #run({ app, environment, pin }: AppSnapshot, test: SmokeTest): Promise<void> {
    const { method, path, headers, body, timeoutMs } = test;
    const url = `${this.#gateway()}/@${addressOf(app, environment)}${path}`;
    let answer: ProbeAnswer;
    try {
      answer = await this.#probe.request({
        url,
        method,
        headers: { ...headers, [RELEASE_HEADER]: pin },
        body,
        timeoutMs,
        bodyBytesMax: BODY_BYTES_MAX,
      });
    } catch (thrown) {
      const why = thrown instanceof MayflyError ? thrown.message : String(thrown);
      throw failure(test, `got no answer: ${why}`, null);
    }
    const problem = problemOf(test, answer);
    if (problem !== null) throw failure(test, problem, answer);
  }
}

function problemOf({ status, contains }: SmokeTest, answer: ProbeAnswer): string | null {
  if (answer.status !== status) return `answered ${answer.status}, not ${status}`;
  if (contains === null || answer.body.includes(contains)) return null;
  return `answered a body without ${JSON.stringify(contains)}`;
}

function failure({ method, path }: SmokeTest, problem: string, answer: ProbeAnswer | null): MayflyError {
  const shown =
    answer === null ? {} : { status: answer.status, body: answer.body.slice(0, BODY_CHARS_SHOWN) };
  return new MayflyError('SMOKE_FAILED', `The smoke test ${method} ${path} ${problem}.`, {
    details: { method, path, ...shown },
  });
}
