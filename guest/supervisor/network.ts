import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';

/** Rows of /proc/net/tcp: fields by their place, and the state of a listening socket. */
const FIELD = { local: 1, state: 3, uid: 7, inode: 9 } as const;
const LISTENING = '0A';
const MAPPED = '0000000000000000FFFF0000';

/** Whether a listening socket belongs to a process in here, and to which addresses it listens. */
export interface Listener {
  readonly ours: boolean;
  /** On all addresses of the machine, so that others reach it too. */
  readonly everywhere: boolean;
}

/**
 * Who may talk to whom where a sandbox shares the machine's network (`network: full`): the loopback interface is everybody's
 * then, other functions' too. `/proc/net` tells which user and which socket is at the other end of a connection.
 */
export class Network {
  /** The sandbox has a network of its own: nobody else is on it. */
  readonly own: boolean;
  /** This user is nobody else's: see `HostUserIds`. Else sockets are looked up among those of the processes in here. */
  readonly #ownUser: boolean;
  readonly #uid = String(process.getuid?.() ?? -1);

  constructor() {
    const interfaces = readText('/proc/net/dev').split('\n').slice(2).filter(Boolean);
    this.own = interfaces.length === 1 && interfaces[0]!.trim().startsWith('lo:');
    this.#ownUser = this.#uid !== '0' && /^\s*0\s+0\s+4294967295/.test(readText('/proc/self/uid_map'));
  }

  /** Whether a connection that was accepted comes from a process in here. */
  admits(socket: Socket): boolean {
    if (this.own) return true;
    const peer = hexAddress(socket.remoteAddress, socket.remotePort);
    const here = hexAddress(socket.localAddress, socket.localPort);
    if (peer === null || here === null) return false;
    const tables = [readText('/proc/net/tcp'), readText('/proc/net/tcp6')];
    // No table: no Linux, and no isolation either.
    if (tables[0] === '') return true;
    const row =
      findRow(tables[0]!, `${peer} ${here} `) ?? findRow(tables[1]!, `${MAPPED}${peer} ${MAPPED}${here} `);
    return row !== null && this.#isOurs(row);
  }

  /** Who listens on a port; null: nobody, or the machine does not tell. */
  listener(port: number): Listener | null {
    const suffix = `:${hexPort(port)} `;
    for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
      for (const line of readText(file).split('\n')) {
        const fields = line.trim().split(/\s+/);
        if (fields[FIELD.state] !== LISTENING || !`${fields[FIELD.local]} `.endsWith(suffix)) continue;
        const everywhere = /^0+$/.test(fields[FIELD.local]!.split(':')[0]!);
        return { ours: this.own || this.#isOurs(fields), everywhere };
      }
    }
    return null;
  }

  #isOurs(row: readonly string[]): boolean {
    if (row[FIELD.uid] !== this.#uid) return false;
    return this.#ownUser || hasSocket(row[FIELD.inode]!);
  }
}

function findRow(table: string, addresses: string): string[] | null {
  const at = table.indexOf(addresses);
  if (at < 0) return null;
  const start = table.lastIndexOf('\n', at) + 1;
  const end = table.indexOf('\n', at);
  return table
    .slice(start, end < 0 ? undefined : end)
    .trim()
    .split(/\s+/);
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
