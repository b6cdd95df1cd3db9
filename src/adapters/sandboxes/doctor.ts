import { readFileSync } from 'node:fs';
import type { CgroupTree } from './cgroup.ts';
import { openCgroups, WITHOUT_CGROUPS } from './cgroup-versions.ts';
import { bubblewrapRefusal, findProgram, lookAtMachine, type Machine } from './machine.ts';
import { seccompFilterHere } from './seccomp-filter.ts';

/** One thing that isolation on this machine depends on. */
export interface DoctorFact {
  /** `bubblewrap`, `namespaces`, `memory bound` … */
  readonly check: string;
  readonly ok: boolean;
  /** What was found, one sentence. */
  readonly detail: string;
  /** The command that would improve it, or null when nothing needs to be done. */
  readonly fix: string | null;
}

/** What `diagnose` judges: observed once, plain data. */
export interface Observations {
  readonly machine: Machine;
  readonly platform: string;
  /** Why bubblewrap may not make namespaces, or null. */
  readonly refusal: string | null;
  readonly controls: CgroupTree['controls'];
  readonly seccomp: boolean;
  /** Path of Git; null: it is not installed. */
  readonly git: string | null;
  /** Path of npm, for builds of pushed source. */
  readonly npm: string | null;
  readonly installer: string | null;
  readonly systemdRun: boolean;
  /** Kernel switches that forbid namespaces to users, by their sysctl name; null: this kernel has no such switch. */
  readonly switches: Readonly<Record<string, string | null>>;
}

/** The facts about this machine; takes some 20 ms. */
export async function doctorFacts(): Promise<DoctorFact[]> {
  return diagnose(await observe());
}

const SWITCHES = {
  'kernel.unprivileged_userns_clone': { bad: '0', good: '1' },
  'kernel.apparmor_restrict_unprivileged_userns': { bad: '1', good: '0' },
  'user.max_user_namespaces': { bad: '0', good: '15000' },
} as const;

const INSTALLERS: Readonly<Record<string, string>> = {
  'apt-get': 'apt-get install -y',
  dnf: 'dnf install -y',
  apk: 'apk add',
  pacman: 'pacman -S --noconfirm',
  zypper: 'zypper install -y',
};

async function observe(): Promise<Observations> {
  const machine = lookAtMachine();
  const corner = machine.linux ? openCgroups(`mayfly-doctor-${process.pid}`) : null;
  await corner?.close();
  return {
    machine,
    platform: process.platform,
    refusal: await bubblewrapRefusal(machine),
    controls: corner?.controls ?? WITHOUT_CGROUPS,
    seccomp: seccompFilterHere() !== null,
    git: findProgram('git'),
    npm: findProgram('npm'),
    installer: Object.keys(INSTALLERS).find((name) => findProgram(name) !== null) ?? null,
    systemdRun: findProgram('systemd-run') !== null,
    switches: Object.fromEntries(Object.keys(SWITCHES).map((name) => [name, readSwitch(name)])),
  };
}

function readSwitch(name: string): string | null {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim();
  } catch {
    return null;
  }
}

/** Pure: what was observed, judged. */
export function diagnose(seen: Observations): DoctorFact[] {
  if (!seen.machine.linux) {
    const detail = `Sandboxes need Linux; this is ${seen.platform}. Functions can run as plain processes only.`;
    return [
      { check: 'operating system', ok: false, detail, fix: 'mayfly up --isolation process' },
      gitPush(seen),
    ];
  }
  return [
    bubblewrap(seen),
    namespaces(seen),
    user(seen),
    systemCalls(seen),
    bound('memory bound', seen, seen.controls.memory, 'a watchdog looks every 100 ms and kills late'),
    bound('CPU share', seen, seen.controls.cpu, 'nothing bounds it'),
    processBound(seen),
    freezing(seen),
    gitPush(seen),
  ];
}

function fact(check: string, ok: boolean, detail: string, fix: string | null = null): DoctorFact {
  return { check, ok, detail, fix: ok ? null : fix };
}

function install(seen: Observations, name: string): string {
  const command = seen.installer === null ? null : INSTALLERS[seen.installer];
  if (command === null || command === undefined) return `install the package ${name}`;
  return `${seen.machine.root ? '' : 'sudo '}${command} ${name}`;
}

function bubblewrap(seen: Observations): DoctorFact {
  const { bwrap } = seen.machine;
  if (bwrap !== null) return fact('bubblewrap', true, `Found at ${bwrap}.`);
  return fact(
    'bubblewrap',
    false,
    'Not installed: there is nothing to make sandboxes with.',
    install(seen, 'bubblewrap'),
  );
}

function namespaces(seen: Observations): DoctorFact {
  if (seen.refusal === null) return fact('namespaces', true, 'bubblewrap may make them.');
  const detail = `Refused: ${seen.refusal}.`;
  if (seen.machine.bwrap === null) return fact('namespaces', false, detail, install(seen, 'bubblewrap'));
  for (const [name, { bad, good }] of Object.entries(SWITCHES)) {
    if (seen.switches[name] === bad) {
      return fact(
        'namespaces',
        false,
        detail,
        `${seen.machine.root ? '' : 'sudo '}sysctl -w ${name}=${good}`,
      );
    }
  }
  const container =
    'docker run --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined …';
  return fact('namespaces', false, detail, `in a container: ${container}`);
}

function user(seen: Observations): DoctorFact {
  if (!seen.machine.root) {
    const detail =
      'Sandboxes run as the platform’s own user; started as root, each gets a user id of its own.';
    return fact('user', false, detail, 'sudo mayfly up …');
  }
  if (seen.machine.setpriv !== null) {
    return fact('user', true, 'Each sandbox runs as a user id of its own that nothing else has.');
  }
  const detail = 'As root, setpriv is needed to give up privileges; without it no sandbox starts.';
  return fact('user', false, detail, install(seen, 'util-linux'));
}

function systemCalls(seen: Observations): DoctorFact {
  const detail = seen.seccomp ? 'A seccomp filter is loaded.' : `No filter was written for ${process.arch}.`;
  return fact('system calls', seen.seccomp, detail);
}

function bound(check: string, seen: Observations, by: string, otherwise: string): DoctorFact {
  if (by.startsWith('cgroup')) return fact(check, true, `Enforced by ${by}.`);
  return fact(check, false, `No control group may be made: ${otherwise}.`, cgroupFix(seen));
}

function processBound(seen: Observations): DoctorFact {
  if (seen.controls.pids === 'none' && seen.machine.prlimit !== null) {
    return fact('process bound', true, 'Enforced by a resource limit (RLIMIT_NPROC).');
  }
  return bound('process bound', seen, seen.controls.pids, 'and prlimit (util-linux) is missing');
}

function freezing(seen: Observations): DoctorFact {
  const detail =
    seen.controls.freeze === 'signal'
      ? 'Idle instances are stopped by signals.'
      : `Idle instances are frozen by ${seen.controls.freeze}.`;
  return fact('freezing', true, detail);
}

function gitPush(seen: Observations): DoctorFact {
  if (seen.git === null) {
    const detail = 'Git is not installed: the node has no repositories to push to.';
    return fact('git push', false, detail, install(seen, 'git'));
  }
  if (seen.npm === null) {
    const detail = 'npm is not installed: pushed apps with packages or tests are refused.';
    return fact('git push', false, detail, install(seen, 'npm'));
  }
  return fact('git push', true, `Git found at ${seen.git}, npm at ${seen.npm}.`);
}

function cgroupFix(seen: Observations): string {
  if (seen.machine.root) return 'mount the cgroup file system writable: mount -o remount,rw /sys/fs/cgroup';
  if (seen.systemdRun) return 'systemd-run --user --scope -p Delegate=yes mayfly up …';
  return 'sudo mayfly up …';
}
