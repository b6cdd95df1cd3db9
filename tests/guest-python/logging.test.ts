import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventually } from '../guest/patience.ts';
import { PythonGuest } from './python-guest.ts';

const python = new PythonGuest();
after(() => python.clean());

test('every way of printing is a line with level, time and request', async () => {
  await using guest = await python.load(`
import logging, os, subprocess, sys, threading, warnings
from concurrent.futures import ThreadPoolExecutor

print("loading")
pool = ThreadPoolExecutor(1)
quiet = logging.getLogger("quiet")
shop = logging.getLogger("shop")
shop.setLevel(logging.DEBUG)
shop.addHandler(logging.StreamHandler(sys.stdout))

def handler(event, context):
    print("one", 1)
    print("to stderr", file=sys.stderr)
    sys.stdout.write("begun, "); sys.stdout.write("ended\\n")
    sys.stdout.buffer.write("bytes ü\\n".encode())
    quiet.info("not shown"); quiet.warning("warned %d", 5); quiet.error("bad", extra={"user": 7})
    shop.debug("d"); shop.info("i"); shop.critical("c")
    try:
        {}["gone"]
    except KeyError:
        quiet.exception("caught")
    context.log.warning("in context")
    warnings.warn("odd")
    thread = threading.Thread(target=lambda: print("in a thread")); thread.start(); thread.join()
    pool.submit(print, "in a pool").result()
    logging.warning("unserialisable", extra={"thing": object()})
    print("no end", end="")
    return None
`);
  const before = Date.now();
  assert.equal((await guest.invoke()).failure, null);
  const find = (text: string) => guest.logs.find(({ message }) => message.startsWith(text));
  assert.equal(find('loading')?.requestId, null);
  for (const [text, level] of [
    ['one 1', 'info'],
    ['to stderr', 'error'],
    ['begun, ended', 'info'],
    ['bytes ü', 'info'],
    ['warned 5', 'warn'],
    ['bad', 'error'],
    ['d', 'debug'],
    ['i', 'info'],
    ['c', 'error'],
    ['caught\nTraceback', 'error'],
    ['in context', 'warn'],
    ['in a thread', 'info'],
    ['in a pool', 'info'],
    ['unserialisable', 'warn'],
    ['no end', 'info'],
  ] as const) {
    const line = find(text);
    assert.equal(line?.level, level, text);
    assert.equal(line.requestId, 'request-1', text);
    assert.ok(line.time >= before - 1_000 && line.time <= Date.now(), text);
  }
  assert.deepEqual(find('bad')?.fields, { user: 7 });
  assert.equal(find('unserialisable')?.fields, undefined);
  assert.equal(find('not shown'), undefined);
  assert.ok(guest.logs.some(({ message }) => message.includes('UserWarning: odd')));
});

test('basicConfig of the author decides about format and level, not about the level of a line', async () => {
  await using guest = await python.load(`
import logging
logging.basicConfig(level=logging.INFO, format="%(levelname)s|%(message)s")

def handler(event, context):
    logging.info("shown")
`);
  await guest.invoke();
  assert.deepEqual(
    guest.logs.map(({ level, message }) => [level, message]),
    [['info', 'INFO|shown']],
  );
});

test('a flood is cut and counted', async () => {
  await using guest = await python.load(`
def handler(event, context):
    for n in range(100_000):
        print("line", n, "of a flood that is far too long to be kept, all of it, by anybody who has other things to do")
`);
  assert.equal((await guest.invoke()).failure, null);
  const counts = () => {
    const kept = guest.logs.filter(({ message }) => message.startsWith('line')).length;
    const dropped = guest.logs.reduce((sum, { fields }) => sum + Number(fields?.dropped ?? 0), 0);
    return { kept, dropped };
  };
  await eventually(() => counts().kept + counts().dropped === 100_000, 'every line, kept or counted');
  assert.ok(counts().dropped > 0);
});

test('a long line is cut', async () => {
  await using guest = await python.load('def handler(event, context):\n    print("é" * 100_000)');
  await guest.invoke();
  assert.match(guest.logs[0]!.message, /^é{65536} … 34464 characters cut$/);
});

test('lines of a call that runs on come meanwhile', async () => {
  await using guest = await python.load(`
import time
def handler(event, context):
    print("begun")
    while not context.cancelled:
        time.sleep(0.002)
`);
  const call = guest.call();
  await guest.log(({ message }) => message === 'begun');
  call.cancel();
  assert.equal((await call.answer).failure, null);
});

test('what a forked child prints goes to the pipes, and its end is nobody else’s', async () => {
  await using guest = await python.load(`
import os, sys
def handler(event, context):
    child = os.fork()
    if child == 0:
        print("from the child", file=sys.stderr)
        os._exit(5)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
`);
  const { body, failure } = await guest.invoke();
  assert.equal(failure, null);
  assert.equal(body.toString(), '5');
  await eventually(() => guest.stderr.includes('from the child'), 'the words of the child');
});
