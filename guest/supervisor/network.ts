import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { OWNER_VARIABLE } from '../../src/contract/sandbox-owner.ts';

/** Rows of /proc/net/tcp: fields by their place, and the state of a listening socket. */
const FIELD = { local: 1, state: 3, uid: 7, inode: 9 } as const;
const LISTENING = '0A';
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'] as const;
const MAPPED = '0000000000000000FFFF0000';
const PART_BYTES = 64 * 1024;
/** Before a connection counts as unknown: what comes and goes while the kernel tells its table in parts makes it skip rows. */
const LOOKS = 4;

/** Whether a listening socket belongs to a process in here, and to which addresses it listens. */
export interface Listener {
  readonly ours: boolean;
  /** On all addresses of the machine, so that others reach it too. */
  readonly everywhere: boolean;
}

/**
 * Who may talk to whom where a sandbox shares the machine's network (`network: full`): the loopback interface is everybody's
 * then, other functions' too. `/proc/net` tells which user and which socket is at the other end of a connection. Reading it takes
 * the kernel some 6 ms, however few connections there are, so it is read in the thread pool and only as far as needed.
 */
export class Network {
  /** Nobody else is on it: the sandbox has a network of its own. Or there is no sandbox, and no promise. */
  readonly own: boolean;
  /** This user is nobody else's: see `HostUserIds`. Else sockets are looked up among those of the processes in here. */
  readonly #ownUser: boolean;
  readonly #uid = String(process.getuid?.() ?? -1);

  constructor() {
    const interfaces = readText('/proc/net/dev').split('\n').slice(2).filter(Boolean);
    const alone = interfaces.length === 1 && interfaces[0]!.trim().startsWith('lo:');
    this.own = alone || process.env[OWNER_VARIABLE] !== undefined;
    this.#ownUser = this.#uid !== '0' && /^\s*0\s+0\s+4294967295/.test(readText('/proc/self/uid_map'));
  }

  /** Whether a connection that was accepted comes from a process in here. */
  async admits(socket: Socket): Promise<boolean> {
    if (this.own) return true;
    const { remoteAddress, remotePort, localAddress, localPort } = socket;
    const peer = hexAddress(remoteAddress, remotePort);
    const here = hexAddress(localAddress, localPort);
    if (peer === null || here === null) return false;
    const sought = [` ${peer} ${here} `, ` ${MAPPED}${peer} ${MAPPED}${here} `];
    for (let look = 0; look < LOOKS && !socket.destroyed; look += 1) {
      const row = await findRow((line) => sought.some((addresses) => line.includes(addresses)));
      if (row !== null) return this.#isOurs(row);
    }
    return false;
  }

  /** Who listens on a port; null: nobody, or the machine does not tell. */
  async listener(port: number): Promise<Listener | null> {
    const suffix = `:${hexPort(port)}`;
    const row = await findRow((line) => {
      const fields = fieldsOf(line);
      return fields[FIELD.state] === LISTENING && fields[FIELD.local]!.endsWith(suffix);
    });
    if (row === null) return null;
    const everywhere = /^0+:/.test(row[FIELD.local]!);
    return { ours: this.own || this.#isOurs(row), everywhere };
  }

  #isOurs(row: readonly string[]): boolean {
    if (row[FIELD.uid] !== this.#uid) return false;
    return this.#ownUser || hasSocket(row[FIELD.inode]!);
  }
}

const fieldsOf = (line: string): string[] => line.trim().split(/\s+/);

/** The first row that fits, as its fields. */
async function findRow(fits: (line: string) => boolean): Promise<string[] | null> {
  for (const table of TABLES) {
    const file = await open(table).catch(() => null);
    if (file === null) continue;
    try {
      for await (const line of linesOf(file)) if (fits(line)) return fieldsOf(line);
    } finally {
      await file.close();
    }
  }
  return null;
}

async function* linesOf(file: FileHandle): AsyncGenerator<string> {
  const part = Buffer.allocUnsafe(PART_BYTES);
  let rest = '';
  for (;;) {
    const { bytesRead } = await file.read(part, 0, PART_BYTES, null);
    if (bytesRead === 0) return;
    const lines = (rest + part.toString('latin1', 0, bytesRead)).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
}

/** Whether a process that is seen from here holds the socket. */
function hasSocket(inode: string): boolean {
  const wanted = `socket:[${inode}]`;
  for (const pid of list('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of list(`/proc/${pid}/fd`)) {
      try {
        if (readlinkSync(`/proc/${pid}/fd/${fd}`) === wanted) return true;
      } catch {
        // Closed meanwhile.
      }
    }
  }
  return false;
}

/** An IPv4 address and port as the kernel prints them: the address in the machine's byte order. */
function hexAddress(address: string | undefined, port: number | undefined): string | null {
  const parts = address?.replace(/^::ffff:/, '').split('.');
  if (parts?.length !== 4 || port === undefined) return null;
  const bytes = parts.map((part) => Number(part).toString(16).padStart(2, '0').toUpperCase());
  return `${bytes.reverse().join('')}:${hexPort(port)}`;
}

const hexPort = (port: number): string => port.toString(16).padStart(4, '0').toUpperCase();

function readText(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
