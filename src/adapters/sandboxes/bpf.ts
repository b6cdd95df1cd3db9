/**
 * A small assembler for classic BPF, as seccomp filters use it (linux/filter.h, linux/seccomp.h).
 * An instruction is 8 bytes in the machine's own (little-endian) order: u16 code, u8 jt, u8 jf, u32 k.
 * Jumps go forward only, by at most 255 instructions; the helpers here never jump further than two.
 */
export type Instruction = readonly [code: number, jt: number, jf: number, k: number];

const LOAD_WORD_ABSOLUTE = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER_OR_EQUAL = 0x35;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;

/** Loads the 32-bit word at `offset` of `struct seccomp_data`. */
export const load = (offset: number): Instruction => [LOAD_WORD_ABSOLUTE, 0, 0, offset];
export const give = (action: number): Instruction => [RETURN, 0, 0, action];
/** When the loaded word is `value`, `skip` instructions are left out; else the next one runs. */
export const skipIfEqual = (value: number, skip: number): Instruction => [JUMP_EQUAL, skip, 0, value];
export const skipUnlessEqual = (value: number, skip: number): Instruction => [JUMP_EQUAL, 0, skip, value];
export const skipUnlessAtLeast = (value: number, skip: number): Instruction => [
  JUMP_GREATER_OR_EQUAL,
  0,
  skip,
  value,
];
export const skipUnlessAnyBit = (mask: number, skip: number): Instruction => [JUMP_ANY_BIT, 0, skip, mask];

/** The kernel's limit for one filter (BPF_MAXINSNS). */
const INSTRUCTIONS_MAX = 4096;

export function assemble(program: readonly Instruction[]): Buffer {
  if (program.length > INSTRUCTIONS_MAX) throw new RangeError('The filter has too many instructions.');
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([code, jt, jf, k], index) => {
    const at = index * 8;
    bytes.writeUInt16LE(code, at);
    bytes.writeUInt8(jt, at + 2);
    bytes.writeUInt8(jf, at + 3);
    bytes.writeUInt32LE(k >>> 0, at + 4);
  });
  return bytes;
}
