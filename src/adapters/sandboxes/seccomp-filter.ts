import {
  assemble,
  give,
  type Instruction,
  load,
  skipIfEqual,
  skipUnlessAnyBit,
  skipUnlessAtLeast,
  skipUnlessEqual,
} from './bpf.ts';
import { type Architecture, DENIED_CALLS, MISSING_CALLS, numbersOf, WATCHED_CALLS } from './syscalls.ts';

// linux/seccomp.h, linux/audit.h
const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const refuse = (errno: number) => 0x00050000 | errno;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;
const AUDIT_ARCH = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
/** Calls of the x32 interface carry this bit; they would pass by every number compared below. */
const X32_BIT = 0x40000000;

// Offsets in `struct seccomp_data`; of an argument, its low 32 bits.
const NUMBER = 0;
const ARCH = 4;
const argument = (index: number) => 16 + 8 * index;

/** CLONE_NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET. */
const CLONE_NEW_ANY = 0x7e020000;
/** Terminal input forged for whoever reads the terminal next. */
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
/**
 * Socket families that remain: unix, IPv4, IPv6, netlink (getaddrinfo asks it for addresses). Not vsock, which reaches the hypervisor
 * even from an empty network namespace; not packet, AF_ALG, bluetooth and the other rarely reviewed ones.
 */
const SOCKET_FAMILIES = [1, 2, 10, 16];

/**
 * The seccomp filter of a sandbox, as the bytes that bubblewrap loads: a list of refusals (`syscalls.ts`), everything else
 * allowed. A refusal list, because functions bring native modules whose calls nobody can foresee; the
 * namespaces, the missing capabilities and the read-only root stand behind it. The kernel caches which calls are
 * allowed whatever their arguments (since 5.11), so the length of the list costs nothing on the hot path.
 */
export function seccompFilter(architecture: Architecture): Buffer {
  const watched = WATCHED_CALLS[architecture];
  const program: Instruction[] = [
    load(ARCH),
    skipIfEqual(AUDIT_ARCH[architecture], 1),
    give(KILL_PROCESS),
    load(NUMBER),
  ];
  if (architecture === 'x64') program.push(skipUnlessAtLeast(X32_BIT, 1), give(refuse(ENOSYS)));
  for (const number of numbersOf(DENIED_CALLS, architecture)) {
    program.push(skipUnlessEqual(number, 1), give(refuse(EPERM)));
  }
  for (const number of numbersOf(MISSING_CALLS, architecture)) {
    program.push(skipUnlessEqual(number, 1), give(refuse(ENOSYS)));
  }
  program.push(
    skipUnlessEqual(watched.clone, 4),
    load(argument(0)),
    skipUnlessAnyBit(CLONE_NEW_ANY, 1),
    give(refuse(EPERM)),
    give(ALLOW),
    skipUnlessEqual(watched.ioctl, 6),
    load(argument(1)),
    skipUnlessEqual(TIOCSTI, 1),
    give(refuse(EPERM)),
    skipUnlessEqual(TIOCLINUX, 1),
    give(refuse(EPERM)),
    give(ALLOW),
    skipUnlessEqual(watched.socket, 2 + 2 * SOCKET_FAMILIES.length),
    load(argument(0)),
    ...SOCKET_FAMILIES.flatMap((family) => [skipUnlessEqual(family, 1), give(ALLOW)]),
    give(refuse(EAFNOSUPPORT)),
    give(ALLOW),
  );
  return assemble(program);
}

/** The filter for the machine that this runs on, or null where none was written for it. */
export function seccompFilterHere(): Buffer | null {
  return process.arch === 'x64' || process.arch === 'arm64' ? seccompFilter(process.arch) : null;
}
