import assert from 'node:assert/strict';
import type { Answer, Ask, NodeDriver } from './node-driver.ts';
import type { ReleaseOperator } from './release-operator.ts';

export const FUNCTIONS = ['a', 'b', 'c'] as const;
/** Of each function. */
export const INSTANCES_MAX = 2;

/** What each function says in generation `n`: some stay the same from one generation to the next. */
const saysOf = (n: number) => ({ a: n, b: n >> 1, c: Math.floor(n / 3) });

/** `a` asks `b`, which asks `c`; each says its release and its own part of the generation. */
export const relay = (n: number): Record<string, string> => {
  const says = saysOf(n);
  const asking = (name: 'a' | 'b', next: string): string => `
    export default async (request: Request, context: { release: string }) => {
      const response = await fetch(process.env.MAYFLY_APP_URL + '/${next}');
      if (!response.ok) return new Response(await response.text(), { status: 500 });
      return [{ says: ${says[name]}, release: context.release }, ...(await response.json() as object[])];
    };`;
  return {
    'mayfly.yaml': JSON.stringify({ concurrency: { perInstance: 50, max: INSTANCES_MAX } }),
    'functions/a.ts': asking('a', 'b'),
    'functions/b.ts': asking('b', 'c'),
    'functions/c.ts': `
      export default (request: Request, context: { release: string }) =>
        [{ says: ${says.c}, release: context.release }];`,
  };
};

/** An answered chain of calls: which release it was of, and how many changes were answered at its start and begun at its end. */
export interface Chain {
  readonly release: string;
  readonly links: readonly { readonly says: number; readonly release: string }[];
  readonly from: number;
  readonly to: number;
}

/** One chain of calls. @throws AssertionError when it failed; whatever `ask` throws */
export async function askRelay(
  node: NodeDriver,
  operator: ReleaseOperator,
  ask: Ask,
): Promise<{ readonly chain: Chain; readonly answer: Answer }> {
  const from = operator.answered;
  const answer = await node.ask('/@relay/a', ask);
  assert.equal(answer.status, 200, answer.text);
  const release = String(answer.headers['x-mayfly-release']);
  const links = answer.json as Chain['links'];
  return { chain: { release, links, from, to: operator.begun }, answer };
}

/** Each was of one release, and of one that served meanwhile. Asked when every change was answered. */
export function checkChains(chains: readonly Chain[], { generations, tracks }: ReleaseOperator): void {
  for (const { release, links, from, to } of chains) {
    const generation = generations.get(release);
    assert.ok(generation !== undefined, `${release} was never deployed`);
    const says = saysOf(generation);
    assert.deepEqual(
      links,
      FUNCTIONS.map((name) => ({ says: says[name], release })),
    );
    // The tracks before the first change that it may have seen, and those after each until its end.
    assert.ok(
      tracks.slice(from - 1, to).some((each) => each.has(release)),
      `${release} did not serve between the changes ${from} and ${to}`,
    );
  }
}
