import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import type { Runtime } from '../../src/contract/runtime-api.ts';
import { makeWheel } from '../build/wheel.ts';
import { Author } from '../git/author.ts';
import { eventually, TestNode } from '../harness/test-node.ts';
import { machinesPython } from './python-guest.ts';

const isolation = (await bubblewrapRefusal(lookAtMachine())) === null ? 'sandbox' : 'process';
const memoryBounded = { skip: lookAtMachine().linux ? false : 'nothing bounds memory here' };

const APP = {
  'mayfly.yaml': `
timeout: 2s
functions:
  bad: { dialect: event, memory: 192MB }
  crowd: { dialect: event, concurrency: { perInstance: 8, max: 1 } }
  floods: { dialect: event, timeout: 30s }
  hello: { env: { COLOUR: blue } }
  large: { dialect: event, keepAlive: 0s }
  sees: { dialect: event }
`,
  'functions/hello.py': `
import json, os
def lambda_handler(event, context):
    print("hello from", context.function_name)
    return {"statusCode": 201, "headers": {"x-colour": os.environ["COLOUR"]},
            "body": json.dumps({"path": event["rawPath"], "body": event.get("body"), "version": os.sys.version_info[:2]})}
`,
  'functions/bad.py': `
import os
kept = []
def handler(event, context):
    act = event["data"]["query"].get("act")
    if act == "kill": os.kill(os.getpid(), 9)
    if act == "spin":
        while True: pass
    if act == "memory":
        while True: kept.append(bytearray(8 << 20))
    if act == "raise": raise ValueError("bad luck")
    return "fine"
`,
  'functions/floods.py': `
def handler(event, context):
    for n in range(100_000): print("flood", n)
`,
  'functions/large.py': `
import glob, words
def handler(event, context):
    return [len(words.WORDS), len(glob.glob(".mayfly/compile-cache/*/*"))]
`,
  'words.py': `WORDS = [\n${'    "a word that makes this module large",\n'.repeat(500)}]\n`,
  'functions/sees.py': `
import os, socket, ssl, sys
def handler(event, context):
    def outcome(act):
        try:
            return act() or "done"
        except OSError as error:
            return type(error).__name__
    return {"uid": os.getuid(), "home": outcome(lambda: os.listdir("/home")), "root": outcome(lambda: os.listdir("/root")),
            "code": outcome(lambda: open("made.py", "w").close()), "usr": outcome(lambda: open("/usr/made", "w").close()),
            "tmp": outcome(lambda: open("/tmp/made", "w").close()), "files": sorted(os.listdir(".")),
            "python": sys.executable, "fds": sorted(int(fd) for fd in os.listdir("/proc/self/fd") if int(fd) < 100)}
`,
  'functions/crowd.py': `
import threading
meeting = threading.Barrier(4)
def handler(event, context):
    meeting.wait(2)
    return threading.active_count() >= 4
`,
};

describe(`functions in Python on a node, isolation ${isolation}`, () => {
  let node: TestNode;
  before(async () => {
    node = await TestNode.start({ isolation });
    await node.deploy('snakes', APP);
  });
  after(() => node.close());

  const bad = (act: string) => node.ask(`/@snakes/bad?act=${act}`);
  const codeOf = async (act: string): Promise<[number, string]> => {
    const { status, json } = await bad(act);
    return [status, (json as { error: { code: string } }).error.code];
  };

  test('a function answers, logs, and is metered', async () => {
    const answer = await node.ask('/@snakes/hello', { method: 'POST', body: 'words' });
    assert.deepEqual([answer.status, answer.headers['x-colour']], [201, 'blue']);
    const { path, body, version } = answer.json as { path: string; body: string; version: number[] };
    assert.deepEqual([path, body, version[0]], ['/hello', 'words', 3]);
    const requestId = String(answer.headers['x-mayfly-request-id']);
    const line = await eventually(async () => (await node.logs({ request: requestId }))[0]);
    assert.deepEqual([line.message, line.level], ['hello from hello', 'info']);
    assert.equal((await node.usageOf('snakes/hello'))?.calls, 1);
  });

  test('one that is killed, spins, raises or takes all memory fails by itself; the next call is served', async () => {
    assert.deepEqual(await codeOf('kill'), [502, 'FUNCTION_EXITED']);
    assert.deepEqual(await codeOf('raise'), [500, 'FUNCTION_THREW']);
    assert.deepEqual(await codeOf('spin'), [504, 'FUNCTION_TIMEOUT']);
    assert.deepEqual((await bad('')).json, 'fine');
  });

  test('one that passes its memory bound is told so', memoryBounded, async () => {
    assert.deepEqual(await codeOf('memory'), [502, 'FUNCTION_OUT_OF_MEMORY']);
  });

  test('a flood of lines is bounded, and harms no other function', async () => {
    const [flooded, other] = await Promise.all([node.ask('/@snakes/floods'), node.ask('/@snakes/hello')]);
    assert.deepEqual([flooded.status, other.status], [200, 201]);
  });

  test('bytecode of a large function is made by its first instance, and found by those after it', async () => {
    const look = async () => (await node.ask('/@snakes/large')).json as [words: number, files: number];
    const [words, files] = await look();
    assert.deepEqual([words, files], [500, 0]);
    // The handler's module and the one that it imports.
    assert.equal(
      (
        await eventually(async () => {
          const seen = await look();
          return seen[1] > 0 ? seen : null;
        })
      )[1],
      2,
    );
  });

  test('calls at a time share an instance when they may', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => node.ask('/@snakes/crowd')));
    assert.deepEqual(
      answers.map(({ text }) => text),
      ['true', 'true', 'true', 'true'],
    );
  });

  test('it sees its code and the machine’s Python, and may write to /tmp only', async (t) => {
    if (isolation === 'process') return t.skip('a plain process sees everything');
    const seen = (await node.ask('/@snakes/sees')).json as Record<string, unknown>;
    assert.notEqual(seen.uid, process.getuid?.() === 0 ? 0 : -1);
    assert.deepEqual([seen.home, seen.root].map(String), ['FileNotFoundError', 'FileNotFoundError']);
    assert.deepEqual([seen.code, seen.usr, seen.tmp], ['OSError', 'OSError', 'done']);
    const files = (seen.files as string[]).filter((name) => name !== '.mayfly');
    assert.deepEqual(files, ['functions', 'words.py']);
    assert.equal(seen.python, (await machinesPython()).executable);
    assert.deepEqual(
      (seen.fds as number[]).filter((fd) => fd > 3),
      [],
    );
  });

  test('a push is built on the node, with its packages', async () => {
    const author = await Author.start(join(node.folder, 'clone'));
    await node.client.put('/v1/apps/pushed/repository', {});
    const url = new URL('/v1/apps/pushed/git', node.controlUrl);
    [url.username, url.password] = ['mayfly', node.token];
    await author.git('remote', 'add', 'mayfly', url.href);
    await mkdir(join(author.folder, 'wheels'));
    for (const [name, content] of Object.entries(
      makeWheel('greeting', '1.0', { 'greeting.py': 'WORD = "hi"\n' }),
    ))
      await writeFile(join(author.folder, 'wheels', name), content);
    await author.commit({
      'mayfly.yaml': 'name: pushed\n',
      'functions/hello.py': 'import greeting\ndef lambda_handler(event, context): return greeting.WORD\n',
      'requirements.txt': 'greeting\n',
    });
    await author.git('push', 'mayfly', 'main');
    assert.equal((await node.ask('/@pushed/hello')).text, 'hi');
    await author.commit({ 'functions/hello.py': 'def lambda_handler(:\n' });
    const { code, stderr } = await author.tryGit('push', 'mayfly', 'main');
    assert.notEqual(code, 0);
    assert.match(stderr, /functions\/hello\.py:1:\d+: invalid syntax/);
    assert.equal((await node.ask('/@pushed/hello')).text, 'hi');
  });

  test('the node names its Python', async () => {
    const { runtimes } = await node.client.get<{ runtimes: Runtime[] }>('/v1/runtimes');
    const found = runtimes.find(({ name }) => name === 'python3');
    assert.deepEqual(
      [found?.version, found?.from, found?.usedBy],
      [(await machinesPython()).version, 'machine', ['pushed (production)', 'snakes (production)']],
    );
  });
});

describe('a Python that was named', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mayfly-python-'));
    await promisify(execFile)((await machinesPython()).executable, [
      '-m',
      'venv',
      '--without-pip',
      join(folder, 'own'),
    ]);
  });
  after(() => rm(folder, { recursive: true }));

  test('runs functions, with the packages that lie with it and with those of the app', async () => {
    const node = await TestNode.start({ isolation, python: join(folder, 'own/bin/python') });
    try {
      const [[name = '', wheel]] = Object.entries(
        makeWheel('greeting', '1.0', { 'greeting.py': 'WORD = "hi"\n' }),
      ) as [[string, Buffer]];
      await node.deploy('snakes', {
        'functions/who.py':
          'import sys, greeting\ndef lambda_handler(event, context): return [sys.prefix, greeting.WORD]\n',
        'requirements.txt': 'greeting\n',
        [`wheels/${name}`]: wheel,
      });
      assert.deepEqual((await node.ask('/@snakes/who')).json, [join(folder, 'own'), 'hi']);
    } finally {
      await node.close();
    }
  });

  test('that is none refuses a deploy, and says what to do', async () => {
    const node = await TestNode.start({ isolation, python: join(folder, 'gone') });
    try {
      const deploy = node.deploy('snakes', { 'functions/a.py': 'def lambda_handler(event, context): ...\n' });
      await assert.rejects(deploy, {
        code: 'RUNTIME_UNAVAILABLE',
        message: /gone" cannot be used: there is no such program/,
      });
      assert.equal((await node.status()).apps, 0);
    } finally {
      await node.close();
    }
  });
});
