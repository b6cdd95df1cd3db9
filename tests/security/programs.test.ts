import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import { findPython } from '../../src/build/python/python-program.ts';
import { TestNode } from '../harness/test-node.ts';
import { echo } from '../supervisor/bootstraps.ts';

const machine = lookAtMachine();
const refusal = await bubblewrapRefusal(machine);
const pythonless =
  (await findPython().catch(() => null)) === null ? 'there is no Python 3.9 or later' : false;

/** Runs what it is sent; `answer` is its result. */
const PYTHON = `
import ctypes, os, signal, socket, subprocess, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)

def errno_of(act):
    try:
        return "allowed: %r" % (act(),)
    except OSError as thrown:
        return thrown.strerror

def handler(event, context):
    scope = dict(globals(), answer=None)
    exec(event["body"], scope)
    return {"statusCode": 200, "body": str(scope["answer"])}
`;

/** Answers with whatever bytes the path names. */
const SERVER = `#!/usr/bin/env node
const answers = {
  '/both': 'HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\nHTTP/1.1 200 OK\\r\\nContent-Length: 8\\r\\n\\r\\nsmuggled',
  '/lengths': 'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nContent-Length: 9\\r\\n\\r\\nhismuggled',
  '/more': 'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nhiHTTP/1.1 200 OK\\r\\nContent-Length: 8\\r\\n\\r\\nsmuggled',
  '/empty': 'HTTP/1.1 204 No Content\\r\\nContent-Length: 8\\r\\n\\r\\nsmuggled',
  '/unchanged': 'HTTP/1.1 304 Not Modified\\r\\n\\r\\nHTTP/1.1 200 OK\\r\\nContent-Length: 8\\r\\n\\r\\nsmuggled',
  '/early': 'HTTP/1.1 100 Continue\\r\\n\\r\\n'.repeat(50) + 'HTTP/1.1 103 Early Hints\\r\\nLink: </a>\\r\\n\\r\\nHTTP/1.1 200 OK\\r\\nContent-Length: 4\\r\\n\\r\\nlate',
  '/folded': 'HTTP/1.1 200 OK\\r\\nX-A: a\\r\\n b\\r\\nContent-Length: 2\\r\\n\\r\\nhi',
  '/trailers': 'HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\nTrailer: Set-Cookie\\r\\n\\r\\n2\\r\\nhi\\r\\n0\\r\\nSet-Cookie: a=b\\r\\n\\r\\n',
  '/names': 'HTTP/1.1 200 OK\\r\\nX-Mayfly-Error: INTERNAL\\r\\nX-Mayfly-Request-Id: forged\\r\\nKeep-Alive: timeout=1\\r\\nConnection: x-mine\\r\\nX-Mine: 1\\r\\nContent-Length: 2\\r\\n\\r\\nhi',
  '/head': 'HTTP/1.1 200 OK\\r\\nContent-Length: 8\\r\\n\\r\\nsmuggled',
  '/huge': 'HTTP/1.1 200 OK\\r\\nX-A: ' + 'a'.repeat(1 << 20) + '\\r\\nContent-Length: 2\\r\\n\\r\\nhi',
  '/': 'HTTP/1.1 200 OK\\r\\nContent-Length: 4\\r\\n\\r\\nfine',
};
require('node:net').createServer((socket) => {
  let text = '';
  socket.on('error', () => {}).on('data', (part) => {
    text += part.toString('latin1');
    for (let end = text.indexOf('\\r\\n\\r\\n'); end >= 0; end = text.indexOf('\\r\\n\\r\\n')) {
      const path = text.split(' ')[1];
      text = text.slice(end + 4);
      socket.write(answers[path] ?? 'HTTP/1.1 404 Not Found\\r\\nContent-Length: 0\\r\\n\\r\\n');
    }
  });
}).listen(process.env.PORT, '127.0.0.1');
`;

describe('programs and functions in Python that mean harm', { skip: refusal ?? false }, () => {
  let node: TestNode;
  before(async () => {
    node = await TestNode.start();
    await node.deploy('harm', {
      'functions/python.py': PYTHON,
      'functions/good.ts': 'export default () => "good"',
      'functions/program/bootstrap': echo('eval(event.body)'),
      'web/server.js': SERVER,
      'mayfly.yaml': `
timeout: 2s
functions:
  python: { dialect: lambda, memory: 128MB, concurrency: { max: 1 } }
  program: { memory: 128MB, concurrency: { max: 1 } }
  web: { runtime: http, root: web, handler: server.js, routes: ['/*'], concurrency: { max: 1 } }
`,
    });
  });
  after(() => node.close());

  const python = (body: string) => node.ask('/@harm/python', { method: 'POST', body });
  const program = (body: string) => node.ask('/@harm/program', { method: 'POST', body });
  const codeOf = (answer: { readonly json: unknown }) =>
    (answer.json as { error: { code: string } }).error.code;
  const others = async () => assert.equal((await node.ask('/@harm/good')).text, 'good');

  test('see programs and libraries of the machine, and nothing else of it', {
    skip: pythonless,
  }, async () => {
    const look = `answer = [path for path in ${JSON.stringify(['/etc/shadow', '/etc/ssh', '/root', '/home', '/run', '/sys', '/srv', '/boot', '/var/log', node.node.dataDir])} if os.path.exists(path)]`;
    assert.equal((await python(look)).text, '[]');
    const seen = await program(
      `['/etc/shadow', '/root', '/home', '/run', '/sys', ${JSON.stringify(node.node.dataDir)}].filter(require('fs').existsSync)`,
    );
    assert.deepEqual(seen.json, []);
  });

  test('gain nothing from programs that are set-user-id', { skip: pythonless }, async () => {
    const answer = await python(`
found = subprocess.run(["find", "/usr/bin", "/usr/sbin", "-perm", "/6000", "-type", "f"], capture_output=True, text=True).stdout.split()
status = open("/proc/self/status").read()
mounts = [line.split() for line in open("/proc/self/mounts")]
writable = [m[1] for m in mounts if "rw" in m[3].split(",") and m[1] not in ("/tmp", "/dev/shm", "/proc") and not m[1].startswith("/dev/")]
suid = [m[1] for m in mounts if "nosuid" not in m[3].split(",")]
answer = [("NoNewPrivs:\\t1" in status), ("CapEff:\\t0000000000000000" in status), errno_of(lambda: os.setuid(0)), writable, suid]`);
    assert.equal(answer.text, "[True, True, 'Operation not permitted', [], []]");
  });

  test('cannot trace, read or borrow from the process that started them beyond their own sandbox', {
    skip: pythonless,
  }, async () => {
    const answer = await python(`
def call(number, *args):
    if libc.syscall(number, *args) < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
x64 = os.uname().machine == "x86_64"
ptrace, readv, getfd, pidfd = (101, 310, 438, 434) if x64 else (117, 270, 438, 434)
child = subprocess.Popen(["sleep", "5"])
answer = [errno_of(lambda: call(ptrace, 16, child.pid, 0, 0)), errno_of(lambda: call(readv, child.pid, 0, 0, 0, 0, 0)),
  errno_of(lambda: call(getfd, 0, 0, 0)), errno_of(lambda: open("/proc/1/environ").read()), errno_of(lambda: open("/proc/1/mem", "r+b"))]
child.kill()`);
    const denied = "'Operation not permitted', 'Operation not permitted', 'Operation not permitted'";
    assert.equal(answer.text, `[${denied}, 'Permission denied', 'Permission denied']`);
  });

  test('that write to the protocol, fork away from it or end it lose their own call only', {
    skip: pythonless,
  }, async () => {
    const garbage = await python(`
for fd in range(3, 4096):
    try: os.write(fd, b"\\xff" * 64)
    except OSError: pass
time.sleep(3)`);
    assert.equal(garbage.status, 502);
    await others();
    const forked = await python(`
pid = os.fork()
if pid == 0:
    for fd in range(3, 4096):
        try: os.write(fd, b"\\xff" * 64)
        except OSError: pass
    os._exit(0)
os.waitpid(pid, 0)
answer = "still here"`);
    assert.deepEqual([forked.status, forked.text], [200, 'still here']);
    for (const end of [
      'threading.Thread(target=lambda: os._exit(0)).start(); time.sleep(3)',
      'os.kill(0, signal.SIGKILL); time.sleep(3)',
      'os.kill(os.getpid(), signal.SIGSEGV); time.sleep(3)',
      'ctypes.string_at(0)',
    ]) {
      const answer = await python(end);
      assert.deepEqual([answer.status, codeOf(answer)], [502, 'FUNCTION_EXITED'], end);
    }
    assert.equal((await python('answer = "again"')).text, 'again');
  });

  test('that stop themselves, or replace what the guest uses, hurt themselves alone', {
    skip: pythonless,
  }, async () => {
    const stopped = await python('signal.raise_signal(signal.SIGSTOP)');
    assert.deepEqual([stopped.status, codeOf(stopped)], [504, 'FUNCTION_TIMEOUT']);
    const answer = await python(`
import builtins, json, struct
json.dumps = json.loads = lambda *a, **k: {}
builtins.len = lambda x: -1
builtins.bytes = builtins.bytearray = list
struct.pack = struct.unpack_from = lambda *a: b""
socket.socket.sendall = lambda *a: None
threading.Lock = threading.Thread = None
answer = "replaced"`);
    assert.ok([200, 500, 502, 504].includes(answer.status), String(answer.status));
    await others();
    await python('os.kill(0, 9)');
  });

  test('that end, stop or overwrite their supervisor lose their own instance only', async () => {
    for (const body of [
      'process.kill(process.ppid, "SIGKILL"), new Promise(() => {})',
      'process.kill(-1, "SIGKILL"), new Promise(() => {})',
    ]) {
      const answer = await program(body);
      assert.deepEqual([answer.status, codeOf(answer)], [502, 'FUNCTION_EXITED'], body);
    }
    const descriptor = await program(
      '(() => { try { return require("fs").openSync("/proc/" + process.ppid + "/fd/3", "r+"); } catch (thrown) { return thrown.code; } })()',
    );
    assert.equal(descriptor.text, 'ENXIO', 'a socket cannot be opened by its name');
    const own = await program(
      'require("fs").readdirSync("/proc/self/fd").filter((fd) => fd > 2).map((fd) => { try { return require("fs").readlinkSync("/proc/self/fd/" + fd); } catch { return ""; } }).filter((to) => /^socket:/.test(to)).length',
    );
    assert.equal(own.json, 1, 'the one socket is that to the Runtime API');
    const stopped = await program('process.kill(process.ppid, "SIGSTOP"), new Promise(() => {})');
    assert.deepEqual([stopped.status, codeOf(stopped)], [504, 'FUNCTION_TIMEOUT']);
    await others();
    assert.equal((await program('"again"')).text, 'again');
  });

  test('that fill files, descriptors and processes are stopped at their bounds', {
    skip: pythonless,
  }, async () => {
    const answer = await python(`
def fill():
    with open("/tmp/full", "wb") as file:
        while True: file.write(b"x" * (1 << 20))
def descriptors():
    kept = []
    while True: kept.append(open("/dev/null"))
def processes():
    kept = []
    try:
        while True: kept.append(subprocess.Popen(["sleep", "60"]))
    finally:
        for each in kept: each.kill()
answer = [errno_of(descriptors), errno_of(processes), errno_of(lambda: os.truncate("/tmp/x", 1 << 50) if open("/tmp/x", "w") else 0)]`);
    assert.match(
      answer.text,
      /^\['Too many open files', 'Resource temporarily unavailable', '(File too large|Invalid argument)'\]$/,
    );
    const full = await python(`
try:
    with open("/tmp/full", "wb") as file:
        while True: file.write(b"x" * (1 << 20))
except OSError as thrown: answer = thrown.strerror
os.remove("/tmp/full")`);
    assert.ok(full.text === 'No space left on device' || full.status === 502, full.text);
    await others();
  });

  test('whose servers answer what is no HTTP, or twice, poison no other answer', async () => {
    const plain = async () => assert.equal((await node.ask('/@harm/')).text, 'fine');
    await plain();
    for (const [path, status, text] of [
      ['/both', 502, null],
      ['/lengths', 502, null],
      ['/more', 200, 'hi'],
      ['/empty', 204, ''],
      ['/unchanged', 304, ''],
      ['/early', 200, 'late'],
      ['/trailers', 200, 'hi'],
      ['/huge', 502, null],
    ] as const) {
      const answer = await node.ask(`/@harm${path}`);
      assert.equal(answer.status, status, `${path}: ${answer.text}`);
      if (text !== null) assert.equal(answer.text, text, path);
      for (let after = 0; after < 3; after += 1) await plain();
    }
    const head = await node.ask('/@harm/head', { method: 'HEAD' });
    assert.deepEqual([head.status, head.text], [200, '']);
    await plain();
    const folded = await node.ask('/@harm/folded');
    assert.ok(folded.status === 502 || folded.headers['x-a'] === 'a b', String(folded.status));
    const { headers } = await node.ask('/@harm/names');
    assert.deepEqual([headers['x-mayfly-error'], headers['x-mine']], [undefined, undefined]);
    assert.notEqual(headers['x-mayfly-request-id'], 'forged');
  });
});
