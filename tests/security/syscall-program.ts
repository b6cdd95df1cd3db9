/**
 * A program of one system call, as a static ELF executable for x64, made byte by byte: tests need calls that no JavaScript
 * can make, on machines without a compiler. It exits with the error number of the call, 0 when it succeeded.
 */
export interface SystemCall {
  readonly number: number;
  readonly args?: readonly number[];
  /** Through the 32-bit entry (`int 0x80`), where every number means another call. */
  readonly legacy?: boolean;
}

const BASE = 0x400000n;
const HEADERS_BYTES = 64 + 56;

export function syscallProgram(call: SystemCall): Buffer {
  const code = machineCode(call);
  const file = Buffer.alloc(HEADERS_BYTES + code.length);
  // ELF header: 64-bit, little-endian, executable, x86-64.
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(62, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BASE + BigInt(HEADERS_BYTES), 24);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  // One segment: the whole file, readable and executable.
  file.writeUInt32LE(1, 64);
  file.writeUInt32LE(5, 68);
  file.writeBigUInt64LE(BASE, 80);
  file.writeBigUInt64LE(BASE, 88);
  file.writeBigUInt64LE(BigInt(file.length), 96);
  file.writeBigUInt64LE(BigInt(file.length), 104);
  file.writeBigUInt64LE(4096n, 112);
  file.set(code, HEADERS_BYTES);
  return file;
}

/** `mov REGISTER, imm64` for the number and the arguments in the order of the kernel's convention. */
const NUMBER_REGISTER = [0x48, 0xb8];
const ARGUMENT_REGISTERS = [
  [0x48, 0xbf],
  [0x48, 0xbe],
  [0x48, 0xba],
  [0x49, 0xba],
  [0x49, 0xb8],
  [0x49, 0xb9],
];

function machineCode({ number, args = [], legacy = false }: SystemCall): Buffer {
  const move = (register: readonly number[], value: number) => {
    const bytes = Buffer.alloc(10);
    bytes.set(register);
    bytes.writeBigInt64LE(BigInt(value), 2);
    return bytes;
  };
  return Buffer.concat([
    move(NUMBER_REGISTER, number),
    ...ARGUMENT_REGISTERS.map((register, index) => move(register, args[index] ?? 0)),
    Buffer.from(legacy ? [0xcd, 0x80] : [0x0f, 0x05]),
    // mov edi, eax; neg edi; mov eax, 60 (exit); syscall
    Buffer.from([0x89, 0xc7, 0xf7, 0xdf, 0xb8, 60, 0, 0, 0, 0x0f, 0x05]),
  ]);
}
