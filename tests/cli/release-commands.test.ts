import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { StubNode, sendProblem } from './stub-node.ts';
import { runInShell, type ShellGiven } from './test-shell.ts';

const NEW = 'r-0123456789ab';
const OLD = 'r-ba9876543210';

const plan = {
  steps: [
    { weight: 500, holdMs: 600_000 },
    { weight: 10_000, holdMs: null },
  ],
  key: { kind: 'header', name: 'x-user' },
  guards: {
    callsMin: 50,
    falseAlarm: 0.01,
    errors: 0.02,
    p99: null,
    coldStarts: null,
    metrics: { lost: 0.5 },
  },
};
const health = { calls: 1_000, errors: 3, cold: 2, p50Ms: 1, p99Ms: 9.5, metrics: { lost: 0.25 } };
const canary = {
  id: 'c-0123456789ab',
  release: NEW,
  startedAt: 0,
  weight: 500,
  step: 0,
  stepSince: 0,
  nextStepAt: null,
  paused: true,
  plan,
  health: { since: 0, stable: { ...health, release: OLD }, canary: { ...health, release: NEW, errors: 7 } },
};
const production = {
  app: 'shop',
  environment: 'production',
  kind: 'permanent',
  url: 'http://shop.localhost:8080',
  release: OLD,
  activatedAt: 0,
  canary: null as typeof canary | null,
};
const preview = {
  ...production,
  environment: 'cart',
  kind: 'preview',
  url: 'http://shop--cart.localhost:8080',
  release: NEW,
};
const traffic = { app: 'shop', environment: 'production', release: NEW, canary: null, activationMs: 1.5 };

let node: StubNode;

before(async () => {
  node = await StubNode.start();
});
beforeEach(() => {
  node.requests.length = 0;
});
after(async () => {
  await node.close();
});

/** Against the stub node, about the app shop. */
function run(words: string[], given: ShellGiven = {}) {
  return runInShell(words, {
    ...given,
    env: { MAYFLY_URL: node.url, MAYFLY_TOKEN: node.token, MAYFLY_APP: 'shop', ...given.env },
  });
}

async function sent(words: string[]): Promise<unknown> {
  const result = await run(words);
  assert.equal(result.code, 0, result.stderr);
  return JSON.parse(String(node.requests.at(-1)!.body));
}

async function document(words: string[]): Promise<unknown> {
  const result = await run([...words, '--json']);
  assert.equal(result.code, 0, result.stderr);
  return JSON.parse(result.stdout);
}

const ENVIRONMENTS = '/v1/apps/shop/environments';

describe('releases', () => {
  const summary = {
    release: NEW,
    createdAt: 0,
    createdBy: 'ci',
    message: 'cart\u001b[2J',
    functions: 1,
    activeIn: ['cart'],
    canaryIn: ['production'],
  };
  const fn = {
    name: 'pay',
    handler: { file: 'pay.mjs', export: 'default' },
    runtime: 'nodejs24',
    dialect: 'fetch',
    env: {},
    limits: { memoryMb: 128 },
    routes: [{ method: 'POST', pattern: '/pay', cors: null }],
    artifact: 'a1',
  };

  it('list says where each is active or on trial', async () => {
    node.json('GET /v1/apps/shop/releases', { releases: [summary] });
    const { stdout } = await run(['releases', 'list']);
    assert.match(stdout, new RegExp(`${NEW} +.* ci +1 +cart, production \\(canary\\) +cart\\[2J\\n$`));
    assert.deepEqual(await document(['releases', 'list']), { releases: [summary] });
  });

  it('show says what it is made of; an environment stands for its release', async () => {
    const manifest = {
      app: 'shop',
      functions: [fn],
      canary: plan,
      smoke: [
        {
          method: 'GET',
          path: '/health',
          headers: {},
          body: null,
          status: 200,
          contains: null,
          timeoutMs: 1,
        },
      ],
      resources: [{ kind: 'queues', name: 'orders', config: {} }],
    };
    const description = {
      ...summary,
      app: 'shop',
      manifest,
      artifacts: [{ artifact: 'a1', files: 2, bytes: 2_048 }],
    };
    node.json(`GET ${ENVIRONMENTS}/cart`, { ...preview, history: [] });
    node.json(`GET /v1/apps/shop/releases/${NEW}`, description);
    const { stdout } = await run(['releases', 'show', 'cart']);
    assert.match(stdout, /canary +5% 10m, 100%\nsmoke +GET \/health \(200\)\nresources +queues orders\n/);
    assert.match(stdout, /pay +nodejs24 +fetch +128 MB +2\.0 KB +POST \/pay\n$/);
    assert.deepEqual(await document(['releases', 'show', NEW]), description);
  });

  it('diff compares with what the environment serves, or with what is named', async () => {
    const diff = {
      app: 'shop',
      against: OLD,
      release: NEW,
      functions: [
        { name: 'pay', change: 'changed', parts: ['code', 'limits'], bytesBefore: 1_024, bytesAfter: 2_048 },
        { name: 'old', change: 'removed', parts: [], bytesBefore: 512, bytesAfter: null },
      ],
      routes: [{ name: 'POST /pay', change: 'added', before: null, after: 'pay' }],
      resources: [],
      configuration: [{ name: 'pay.limits.memoryMb', change: 'changed', before: '128', after: '256' }],
    };
    node.json(`GET ${ENVIRONMENTS}/production`, { ...production, history: [] });
    node.json(`GET ${ENVIRONMENTS}/cart`, { ...preview, history: [] });
    node.json(`GET /v1/apps/shop/releases/${NEW}/diff`, diff);
    const { stdout } = await run(['releases', 'diff', NEW]);
    assert.equal(node.requests.at(-1)!.query.get('against'), OLD);
    assert.match(stdout, new RegExp(`^${OLD} → ${NEW} of shop\n`));
    assert.match(stdout, /~ +pay +code, limits +1\.0 KB → 2\.0 KB\n- +old +512 B\n/);
    assert.match(stdout, /\+ +POST \/pay +pay\n/);
    assert.match(stdout, /~ +pay\.limits\.memoryMb +128 → 256\n$/);
    assert.doesNotMatch(stdout, /resource/);
    assert.deepEqual(await document(['releases', 'diff', 'cart', 'production']), diff);
    assert.equal(node.requests.at(-1)!.query.get('against'), OLD);

    node.json(`GET /v1/apps/shop/releases/${NEW}/diff`, {
      ...diff,
      functions: [],
      routes: [],
      configuration: [],
    });
    assert.match((await run(['releases', 'diff', NEW, OLD])).stdout, /nothing differs\.\n$/);
  });

  it('an environment where nothing is live has no release', async () => {
    node.json(`GET ${ENVIRONMENTS}/empty`, {
      ...production,
      environment: 'empty',
      release: null,
      history: [],
    });
    const result = await run(['releases', 'show', 'empty']);
    assert.equal(result.code, 1);
    assert.match(result.stderr, /Nothing has been activated in empty of shop yet\. \[RELEASE_NOT_FOUND\]/);
  });
});

describe('promote and rollback', () => {
  const PROMOTE = `POST ${ENVIRONMENTS}/production/promote`;

  it('promote takes a release or an environment, with a reason', async () => {
    node.json(PROMOTE, traffic);
    assert.deepEqual(await sent(['promote', NEW]), { release: NEW });
    assert.deepEqual(await sent(['promote', 'cart', '-m', 'looks fine', '--allow-destroy']), {
      from: 'cart',
      reason: 'looks fine',
      allowDestroy: true,
    });
    assert.equal((await run(['promote', NEW])).stdout, `${NEW} serves production of shop (1.5 ms).\n`);
    assert.deepEqual(await document(['promote', NEW]), traffic);
  });

  it('promote --canary: the steps of the flag, the key and guards of the release', async () => {
    node.json(PROMOTE, { ...traffic, release: OLD, canary: { release: NEW, weight: 1_000 } });
    assert.deepEqual(await sent(['promote', NEW, '--canary']), { release: NEW, canary: 'plan' });
    node.json(`GET /v1/apps/shop/releases/${NEW}`, { manifest: { canary: plan } });
    assert.deepEqual(await sent(['promote', NEW, '--canary', '10%']), {
      release: NEW,
      canary: { ...plan, steps: [{ weight: 1_000, holdMs: null }] },
    });
    const { stdout } = await run(['promote', NEW, '--canary=10%']);
    assert.equal(
      stdout,
      `${NEW} serves 10% of the clients in production of shop. ${OLD} serves the others (1.5 ms).\n`,
    );
  });

  it('rollback goes back by one, or to the release named', async () => {
    node.json(`POST ${ENVIRONMENTS}/staging/rollback`, { ...traffic, environment: 'staging', release: OLD });
    assert.deepEqual(await sent(['rollback', '--env', 'staging']), {});
    assert.deepEqual(await sent(['rollback', OLD, '--env', 'staging', '-m', 'errors']), {
      release: OLD,
      reason: 'errors',
    });
    assert.match((await run(['rollback', '--env', 'staging'])).stdout, /serves staging of shop/);
  });

  it('what the node refuses keeps its code', async () => {
    node.on(`POST ${ENVIRONMENTS}/production/rollback`, (_request, response) =>
      sendProblem(response, 409, 'NO_EARLIER_RELEASE', 'Nothing was live before.'),
    );
    const result = await run(['rollback']);
    assert.equal(result.code, 1);
    assert.equal(result.stdout, '');
    assert.match(result.stderr, /Nothing was live before\. \[NO_EARLIER_RELEASE\]/);
  });

  it('what cannot be meant is refused before anything is asked', async () => {
    const cases: [string[], RegExp][] = [
      [['promote'], /Missing required argument 'release'/],
      [['promote', 'Not_One'], /cannot be the name of a release or environment/],
      [['promote', 'production'], /production serves its own release already/],
      [['promote', NEW, '--canary', '0%'], /--canary: "0%" has the share "0%"/],
      [['rollback', 'staging'], /"staging" is no release/],
    ];
    for (const [words, message] of cases) {
      const result = await run(words);
      assert.equal(result.code, 2, words.join(' '));
      assert.match(result.stderr, message);
    }
    assert.equal(node.requests.length, 0);
  });
});

describe('canary', () => {
  const PATH = `${ENVIRONMENTS}/production`;

  it('status shows the plan and both releases side by side', async () => {
    node.json(`GET ${PATH}`, { ...production, canary, history: [] });
    const { stdout } = await run(['canary', 'status']);
    assert.match(stdout, new RegExp(`^canary +${NEW} for 5% of the clients, ${OLD} serves the others\n`));
    assert.match(stdout, /\nsteps +\[5% 10m\], 100%\nnext +paused; .*\nkey +header x-user\n/);
    assert.match(stdout, /\nguards +errors \+2%, lost \+0\.5, from 50 calls\n/);
    assert.match(stdout, new RegExp(`\nstable +${OLD} +1000 +3 +2 +1\\.00 +9\\.50 +0\\.250\n`));
    assert.match(stdout, new RegExp(`\ncanary +${NEW} +1000 +7 `));
    assert.deepEqual(await document(['canary', 'status']), {
      app: 'shop',
      environment: 'production',
      release: OLD,
      canary,
    });
  });

  it('status of an environment without one is no failure', async () => {
    node.json(`GET ${PATH}`, { ...production, history: [] });
    assert.equal((await run(['canary', 'status'])).stdout, 'No release is on trial in production of shop.\n');
  });

  it('set, pause, resume, finish and abort each send their action', async () => {
    node.json(`POST ${PATH}/canary`, { ...traffic, release: OLD, canary: { release: NEW, weight: 2_500 } });
    assert.deepEqual(await sent(['canary', 'set', '25%']), { action: 'set', weight: 2_500 });
    assert.deepEqual(await sent(['canary', 'set', '0.5%', '-m', 'careful']), {
      action: 'set',
      weight: 50,
      reason: 'careful',
    });
    for (const action of ['pause', 'resume', 'finish', 'abort']) {
      assert.deepEqual(await sent(['canary', action]), { action });
    }
    assert.match((await run(['canary', 'pause'])).stdout, /serves 25% of the clients in production/);
  });

  it('a share that is none is refused here', async () => {
    for (const share of ['25', '101%', '-1%', 'half']) {
      const result = await run(['canary', 'set', '--', share]);
      assert.equal(result.code, 2, share);
      assert.match(result.stderr, /is no share of the clients/);
    }
    assert.equal(node.requests.length, 0);
  });
});

describe('environments and previews', () => {
  it('list shows what each serves; preview list only the previews', async () => {
    node.json(`GET ${ENVIRONMENTS}`, { environments: [{ ...production, canary }, preview] });
    const { stdout } = await run(['environments', 'list']);
    assert.match(stdout, new RegExp(`\nproduction +permanent +${OLD} +${NEW} 5% `));
    assert.match(stdout, new RegExp(`\ncart +preview +${NEW} `));
    assert.deepEqual(await document(['preview', 'list']), { environments: [preview] });
    node.json(`GET ${ENVIRONMENTS}`, { environments: [production] });
    assert.equal((await run(['preview', 'list'])).stdout, 'shop has no previews.\n');
  });

  it('show tells what was done to it, newest first', async () => {
    const entry = {
      seq: 2,
      at: 0,
      by: 'ci',
      action: 'canary-abort',
      release: OLD,
      canary: null,
      reason: 'errors 7 of 1000',
    };
    node.json(`GET ${ENVIRONMENTS}/production`, {
      ...production,
      history: [
        entry,
        { ...entry, seq: 1, action: 'canary-start', canary: { release: NEW, weight: 500 }, reason: '' },
      ],
    });
    const { stdout } = await run(['envs', 'show', 'production']);
    assert.match(
      stdout,
      /2 +.* ci +canary-abort +r-\w+ +errors 7 of 1000\n1 +.* canary-start +r-\w+ +r-\w+ 5%\n$/,
    );
  });

  it('preview remove takes nothing but previews', async () => {
    node.json(`GET ${ENVIRONMENTS}/cart`, { ...preview, history: [] });
    node.json(`GET ${ENVIRONMENTS}/production`, { ...production, history: [] });
    for (const name of ['cart', 'production']) {
      node.on(`DELETE ${ENVIRONMENTS}/${name}`, (_request, response) => response.writeHead(204).end());
    }
    assert.deepEqual(await document(['preview', 'remove', 'cart']), {
      app: 'shop',
      environment: 'cart',
      removed: true,
    });
    const refused = await run(['preview', 'remove', 'production']);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /production of shop is no preview; .*\[CONFLICT\]/);
    assert.ok(!node.requests.some(({ method, path }) => method === 'DELETE' && path.endsWith('/production')));
    const meant = await run(['environments', 'remove', 'production', '--yes']);
    assert.equal(meant.stdout, 'Removed production of shop.\n');
  });

  it('env clone makes an environment as another is', async () => {
    node.json(`POST ${ENVIRONMENTS}/production/clone`, { ...preview, environment: 'trial', history: [] });
    assert.deepEqual(await sent(['env', 'clone', 'production', 'trial']), { to: 'trial' });
    assert.deepEqual(await sent(['env', 'clone', 'production', 'trial', '--preview']), {
      to: 'trial',
      kind: 'preview',
    });
    const { stdout } = await run(['env', 'clone', 'production', 'trial']);
    assert.match(stdout, new RegExp(`^Made trial of shop as production is: ${NEW} at http`));
    assert.equal((await run(['env', 'clone', 'production', 'My Trial'])).code, 2);
  });

  it('list, describe and status show previews and canaries', async () => {
    const share = { release: NEW, weight: 1_250 };
    const row = {
      app: 'shop',
      environment: 'cart',
      kind: 'preview',
      release: OLD,
      canary: share,
      activatedAt: 0,
      url: 'u',
    };
    node.json('GET /v1/apps', { apps: [{ ...row, functions: ['pay'] }] });
    assert.match((await run(['list'])).stdout, new RegExp(`shop +cart \\(preview\\) +${OLD} +${NEW} 12.5% `));
    node.json('GET /v1/apps/shop', { app: 'shop', environments: [{ ...row, functions: [] }] });
    assert.match(
      (await run(['describe'])).stdout,
      new RegExp(`^cart \\(preview\\)  ${OLD}  canary ${NEW} 12.5%  activated`),
    );
    node.json('GET /v1/status', {
      version: '1',
      node: 'v24',
      python: '3.11.2',
      pid: 1,
      startedAt: 0,
      isolation: { driver: 'process', guarantees: {} },
      listeners: { gateway: 'g', control: 'c', edge: 'e' },
      apps: 2,
      functions: 5,
      previews: 1,
      canaries: 2,
      instances: {},
      calls: { inFlight: 0, waiting: 0, served: 0 },
      asyncCalls: { enqueued: 0, inFlight: 0, done: 0, dead: 0 },
      memory: { rssMb: 1, heapMb: 1 },
    });
    assert.match((await run(['status'])).stdout, /deployed +5 functions in 2 apps, 1 preview, 2 canaries\n/);
  });
});
