import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import { eventually } from './patience.ts';

after(() => GuestDriver.clean());

test('every way of printing is a line with level, time and request', async () => {
  await using guest = await GuestDriver.load(`
    console.log('loading');
    export default (request, context) => {
      console.debug('d'); console.info('i %s', 1); console.log('l', { a: 1 }); console.warn('w'); console.error('e');
      console.log({ event: 'paid', amount: 5, message: 'said' });
      console.log({ n: 1n });
      console.group('outer'); console.log('inner'); console.groupEnd(); console.log('outside');
      console.table([{ a: 1 }]);
      console.assert(false, 'asserted');
      console.trace('traced');
      context.log.info('with fields', { user: 7 });
      context.log.error(new Error('in context'));
      process.stdout.write('one\\ntwo'); process.stdout.write(' more\\n'); process.stderr.write(Buffer.from('err\\n'));
      return 'x';
    };`);
  const before = Date.now();
  await guest.invoke();
  const lines = guest.logs;
  const find = (text: string) => lines.find(({ message }) => message.startsWith(text));
  assert.equal(find('loading')?.requestId, null);
  for (const [text, level] of [
    ['d', 'debug'],
    ['i 1', 'info'],
    ['l { a: 1 }', 'info'],
    ['w', 'warn'],
    ['e', 'error'],
    ['one', 'info'],
    ['two more', 'info'],
    ['err', 'error'],
    ['Assertion failed: asserted', 'warn'],
    ['Trace: traced\n', 'error'],
  ] as const) {
    const line = find(text);
    assert.equal(line?.level, level, text);
    assert.equal(line.requestId, 'request-1', text);
    assert.ok(line.time >= before - 1_000 && line.time <= Date.now(), text);
  }
  assert.deepEqual(find('said')?.fields, { event: 'paid', amount: 5, message: 'said' });
  assert.equal(find('{ n: 1n }')?.fields, undefined);
  assert.ok(find('outer') && find('  inner') && find('outside'));
  assert.ok(lines.some(({ message }) => message.includes('│ a │')));
  assert.deepEqual(find('with fields')?.fields, { user: 7 });
  assert.ok(lines.some(({ level, message }) => level === 'error' && message.includes('Error: in context')));
});

test('lines come before the answer of the call that printed them', async () => {
  await using guest = await GuestDriver.load('export default () => { console.log("first"); return "x"; };');
  const call = guest.call();
  await call.headSeen;
  assert.deepEqual(
    guest.logs.map(({ message }) => message),
    ['first'],
  );
});

test('a flood is cut and counted', async () => {
  await using guest = await GuestDriver.load(`export default () => {
    for (let n = 0; n < 200_000; n += 1) console.log('line', n, 'of a flood that is far too long to be kept');
    return 'x';
  };`);
  const answer = await guest.invoke();
  assert.equal(answer.body.toString(), 'x');
  const notice = await guest.log(({ message }) => /log lines dropped/.test(message));
  const dropped = Number.parseInt(notice.message, 10);
  const kept = guest.logs.filter(({ message }) => message.startsWith('line')).length;
  assert.equal(kept + dropped, 200_000);
  assert.ok(kept > 500 && kept < 5_000, `${kept} lines kept`);
});

test('a flood that goes on does not fill the memory when nobody reads', async () => {
  await using guest = await GuestDriver.load(`export default async () => {
    const text = 'x'.repeat(10_000);
    for (let n = 0; n < 2_000; n += 1) { console.log(text); await new Promise(setImmediate); }
    return process.memoryUsage().rss;
  };`);
  guest.channel.pause();
  const call = guest.call();
  await new Promise((resolve) => setImmediate(resolve));
  guest.channel.resume();
  assert.equal((await call.answer).failure, null);
});

test('a long line is cut', async () => {
  await using guest = await GuestDriver.load(`export default () => {
    console.log('x'.repeat(100_000)); console.log('\\u0001'.repeat(100_000)); console.log({ big: 'y'.repeat(100_000) });
    process.stdout.write('z'.repeat(100_000) + '\\n'); return 'x';
  };`);
  await guest.invoke();
  await eventually(() => guest.logs.length >= 4, 'the lines');
  for (const { message } of guest.logs) assert.ok(message.length < 64 * 1024 + 100, `${message.length}`);
  assert.match(guest.logs[0]!.message, /34464 characters cut$/);
});

test('standard streams behave like streams', async () => {
  await using guest = await GuestDriver.load(`
    import { Readable } from 'node:stream';
    export default async () => {
      await new Promise((resolve) => Readable.from(['a\\n', 'b\\n']).on('end', resolve).pipe(process.stdout));
      await new Promise((resolve) => process.stdout.write('c\\n', resolve));
      process.stdout.end(); process.stdout.write('d\\n');
      return [process.stdout.isTTY, process.stdout.fd, process.stderr.fd];
    };`);
  assert.equal((await guest.invoke()).body.toString(), '[false,1,2]');
  assert.deepEqual(
    guest.logs.map(({ message }) => message),
    ['a', 'b', 'c', 'd'],
  );
});
