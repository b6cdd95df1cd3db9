import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seccompFilter } from './seccomp-filter.ts';
import { type Architecture, DENIED_CALLS, MISSING_CALLS, numbersOf, WATCHED_CALLS } from './syscalls.ts';

const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const ERRNO = 0x00050000;
const AUDIT_ARCH = { x64: 0xc000003e, arm64: 0xc00000b7 };

interface Call {
  readonly arch: number;
  readonly number: number;
  readonly args?: readonly number[];
}

/** What the kernel does with a filter: interprets it over `struct seccomp_data`. */
function verdict(filter: Buffer, { arch, number, args = [] }: Call): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number >>> 0, 0);
  data.writeUInt32LE(arch, 4);
  args.forEach((value, index) => {
    data.writeUInt32LE(value >>> 0, 16 + 8 * index);
  });
  let accumulator = 0;
  for (let at = 0; at < filter.length / 8; at += 1) {
    const code = filter.readUInt16LE(at * 8);
    const [onTrue, onFalse] = [filter[at * 8 + 2]!, filter[at * 8 + 3]!];
    const k = filter.readUInt32LE(at * 8 + 4);
    const jump = (holds: boolean) => {
      at += holds ? onTrue : onFalse;
    };
    if (code === 0x20) accumulator = data.readUInt32LE(k);
    else if (code === 0x15) jump(accumulator === k);
    else if (code === 0x35) jump(accumulator >= k);
    else if (code === 0x45) jump((accumulator & k) !== 0);
    else if (code === 0x06) return k;
    else throw new Error(`Unknown instruction ${code}.`);
  }
  throw new Error('The filter ran off its end.');
}

for (const architecture of ['x64', 'arm64'] as const satisfies Architecture[]) {
  const filter = seccompFilter(architecture);
  const arch = AUDIT_ARCH[architecture];
  const judge = (number: number, ...args: number[]) => verdict(filter, { arch, number, args });
  const { clone, ioctl, socket } = WATCHED_CALLS[architecture];

  test(`on ${architecture}, every number has one verdict, and only those listed are refused`, () => {
    const denied = new Set(numbersOf(DENIED_CALLS, architecture));
    const missing = new Set(numbersOf(MISSING_CALLS, architecture));
    for (let number = 0; number < 512; number += 1) {
      if (number === socket) continue;
      const expected = denied.has(number) ? ERRNO | 1 : missing.has(number) ? ERRNO | 38 : ALLOW;
      assert.equal(judge(number), expected, `call ${number}`);
    }
  });

  test(`on ${architecture}, clone may make processes and threads but no namespace`, () => {
    const SIGCHLD = 17;
    const THREAD = 0x3d0f00;
    assert.equal(judge(clone, SIGCHLD), ALLOW);
    assert.equal(judge(clone, THREAD), ALLOW);
    for (const flag of [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]) {
      assert.equal(judge(clone, flag | SIGCHLD), ERRNO | 1, flag.toString(16));
    }
  });

  test(`on ${architecture}, a terminal can be read but not written for`, () => {
    assert.equal(judge(ioctl, 0, 0x5401), ALLOW);
    assert.equal(judge(ioctl, 0, 0x5412), ERRNO | 1);
    assert.equal(judge(ioctl, 0, 0x541c), ERRNO | 1);
  });

  test(`on ${architecture}, only common socket families remain`, () => {
    const families = Array.from({ length: 64 }, (_, family) => family);
    const allowed = families.filter((family) => judge(socket, family) === ALLOW);
    assert.deepEqual(allowed, [1, 2, 10, 16]);
    assert.equal(judge(socket, 40), ERRNO | 97);
  });

  test(`on ${architecture}, another architecture's calls end the process`, () => {
    for (const other of [0x40000003, 0x40000028, AUDIT_ARCH[architecture === 'x64' ? 'arm64' : 'x64']]) {
      assert.equal(verdict(filter, { arch: other, number: 1 }), KILL);
    }
  });
}

test('on x64, the x32 interface is missing', () => {
  const filter = seccompFilter('x64');
  assert.equal(verdict(filter, { arch: AUDIT_ARCH.x64, number: 0x40000000 | 1 }), ERRNO | 38);
  assert.equal(verdict(filter, { arch: AUDIT_ARCH.x64, number: 0xffffffff }), ERRNO | 38);
});
