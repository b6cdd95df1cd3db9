/**
 * System calls that code in a sandbox has no honest use for, with their numbers, by reason.
 * Numbers: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h (aarch64); `null` where the
 * architecture has no such call. From 424 on both share one numbering.
 */
export type Architecture = 'x64' | 'arm64';

type Row = readonly [name: string, x64: number | null, arm64: number | null];

/** Refused with EPERM. */
export const DENIED_CALLS: readonly Row[] = [
  // Changing what is mounted, or where the root is.
  ['mount', 165, 40],
  ['umount2', 166, 39],
  ['pivot_root', 155, 41],
  ['chroot', 161, 51],
  ['open_tree', 428, 428],
  ['move_mount', 429, 429],
  ['fsopen', 430, 430],
  ['fsconfig', 431, 431],
  ['fsmount', 432, 432],
  ['fspick', 433, 433],
  ['mount_setattr', 442, 442],
  ['statmount', 457, 457],
  ['listmount', 458, 458],
  ['open_tree_attr', 467, 467],
  // New or other namespaces: each opens kernel code that only privileged programs reached before.
  ['unshare', 272, 97],
  ['setns', 308, 268],
  // Reaching into other processes.
  ['ptrace', 101, 117],
  ['process_vm_readv', 310, 270],
  ['process_vm_writev', 311, 271],
  ['process_madvise', 440, 440],
  ['pidfd_getfd', 438, 438],
  ['kcmp', 312, 272],
  // Going around the paths of the file system.
  ['name_to_handle_at', 303, 264],
  ['open_by_handle_at', 304, 265],
  ['fanotify_init', 300, 262],
  // Kernel interfaces with a long record of privilege escalations.
  ['bpf', 321, 280],
  ['perf_event_open', 298, 241],
  ['userfaultfd', 323, 282],
  ['add_key', 248, 217],
  ['request_key', 249, 218],
  ['keyctl', 250, 219],
  ['lookup_dcookie', 212, 18],
  ['move_pages', 279, 239],
  ['migrate_pages', 256, 238],
  ['modify_ldt', 154, null],
  ['uselib', 134, null],
  ['_sysctl', 156, null],
  ['sysfs', 139, null],
  ['ustat', 136, null],
  ['vhangup', 153, 58],
  ['personality', 135, 92],
  // The machine itself: kernel code, power, swap, clock, quotas, log, ports.
  ['kexec_load', 246, 104],
  ['kexec_file_load', 320, 294],
  ['init_module', 175, 105],
  ['finit_module', 313, 273],
  ['delete_module', 176, 106],
  ['create_module', 174, null],
  ['query_module', 178, null],
  ['reboot', 169, 142],
  ['swapon', 167, 224],
  ['swapoff', 168, 225],
  ['settimeofday', 164, 170],
  ['clock_settime', 227, 112],
  ['clock_adjtime', 305, 266],
  ['adjtimex', 159, 171],
  ['acct', 163, 89],
  ['quotactl', 179, 60],
  ['quotactl_fd', 443, 443],
  ['nfsservctl', 180, 42],
  ['syslog', 103, 116],
  ['iopl', 172, null],
  ['ioperm', 173, null],
];

/**
 * Refused with ENOSYS, as on an older kernel, so that callers fall back: glibc from clone3 to clone, whose flags a
 * filter can see; libuv from io_uring, which does file and network calls behind the filter's back, to threads.
 */
export const MISSING_CALLS: readonly Row[] = [
  ['clone3', 435, 435],
  ['io_uring_setup', 425, 425],
  ['io_uring_enter', 426, 426],
  ['io_uring_register', 427, 427],
];

/** Allowed depending on an argument. */
export const WATCHED_CALLS = {
  x64: { clone: 56, ioctl: 16, socket: 41 },
  arm64: { clone: 220, ioctl: 29, socket: 198 },
} as const;

export function numbersOf(rows: readonly Row[], architecture: Architecture): number[] {
  return rows.flatMap(([, x64, arm64]) => (architecture === 'x64' ? x64 : arm64) ?? []);
}
