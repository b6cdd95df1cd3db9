/** A member to be written; what is left out is an ordinary file of mode 644 without content. */
export interface TarMember {
  readonly path: string;
  readonly content?: string | Buffer;
  readonly mode?: number;
  /** The type flag: `0` a file, `1` a hard link, `2` a symbolic link, `3` a device, `5` a folder. */
  readonly type?: string;
  readonly target?: string;
  /** Said in the header instead of the content's length. */
  readonly size?: number;
}

const BLOCK = 512;

/** A tar archive, ustar with pax headers for long names; whatever nonsense its members are. */
export function tarOf(members: readonly TarMember[]): Buffer {
  return Buffer.concat([...members.flatMap(partsOf), Buffer.alloc(2 * BLOCK)]);
}

function partsOf(member: TarMember): Buffer[] {
  const content = Buffer.from(member.content ?? '');
  const { path, target = '' } = member;
  if (Buffer.byteLength(path) <= 100 && Buffer.byteLength(target) <= 100)
    return [headerOf(member, content.length), padded(content)];
  const records = Buffer.concat([paxRecord('path', path), paxRecord('linkpath', target)]);
  return [
    headerOf({ path: 'pax', type: 'x' }, records.length),
    padded(records),
    headerOf({ ...member, path: path.slice(0, 50), target: target.slice(0, 50) }, content.length),
    padded(content),
  ];
}

function headerOf(member: TarMember, bytes: number): Buffer {
  const { path, mode = 0o644, type = '0', target = '', size = bytes } = member;
  const header = Buffer.alloc(BLOCK);
  header.write(path, 0, 100);
  header.write(octal(mode, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write(target, 157, 100);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\u0000 `, 148);
  return header;
}

function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  length = bytes + String(length).length;
  return Buffer.from(`${length}${rest}`);
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');

const padded = (content: Buffer): Buffer =>
  Buffer.concat([content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
