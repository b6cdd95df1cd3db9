import { randomFillSync } from 'node:crypto';

/** Random bytes are drawn in blocks: one system call for 256 ids instead of one each. */
const block = Buffer.alloc(16 * 256);
let used = block.length;

/** `bytes` (≤ 16) random bytes as lower-case hex. */
export function randomHex(bytes: number): string {
  if (used + bytes > block.length) {
    randomFillSync(block);
    used = 0;
  }
  const hex = block.toString('hex', used, used + bytes);
  used += bytes;
  return hex;
}
