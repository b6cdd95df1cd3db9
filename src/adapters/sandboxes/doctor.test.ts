import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose, doctorFacts, type Observations } from './doctor.ts';

const GOOD: Observations = {
  machine: {
    linux: true,
    root: true,
    bwrap: '/usr/bin/bwrap',
    setpriv: '/usr/bin/setpriv',
    nsenter: '/usr/bin/nsenter',
    prlimit: '/usr/bin/prlimit',
  },
  platform: 'linux',
  refusal: null,
  controls: { memory: 'cgroup-v2', cpu: 'cgroup-v2', pids: 'cgroup-v2', freeze: 'cgroup-v2' },
  seccomp: true,
  git: '/usr/bin/git',
  npm: '/usr/bin/npm',
  installer: 'apt-get',
  systemdRun: true,
  switches: {
    'kernel.unprivileged_userns_clone': null,
    'kernel.apparmor_restrict_unprivileged_userns': null,
    'user.max_user_namespaces': '15000',
  },
};
const NOBODY = { ...GOOD.machine, root: false };
const NO_CGROUPS = { memory: 'watchdog', cpu: 'none', pids: 'none', freeze: 'signal' } as const;

const fixes = (seen: Observations) =>
  Object.fromEntries(diagnose(seen).flatMap(({ check, fix }) => (fix === null ? [] : [[check, fix]])));

test('a good machine needs nothing', () => {
  assert.ok(diagnose(GOOD).every(({ ok, fix }) => ok && fix === null));
});

test('each lack names the command that mends it', () => {
  const cases: [Observations, Record<string, string>][] = [
    [
      { ...GOOD, machine: { ...GOOD.machine, bwrap: null }, refusal: 'bubblewrap (bwrap) is not installed' },
      { bubblewrap: 'apt-get install -y bubblewrap', namespaces: 'apt-get install -y bubblewrap' },
    ],
    [
      { ...GOOD, machine: { ...GOOD.machine, setpriv: null }, installer: 'apk' },
      { user: 'apk add util-linux' },
    ],
    [
      {
        ...GOOD,
        machine: NOBODY,
        refusal: 'setting up uid map: Permission denied',
        switches: { ...GOOD.switches, 'kernel.apparmor_restrict_unprivileged_userns': '1' },
      },
      {
        namespaces: 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
        user: 'sudo mayfly up …',
      },
    ],
    [{ ...GOOD, git: null }, { 'git push': 'apt-get install -y git' }],
    [{ ...GOOD, npm: null, installer: null }, { 'git push': 'install the package npm' }],
    [
      { ...GOOD, machine: NOBODY, controls: NO_CGROUPS },
      {
        user: 'sudo mayfly up …',
        'memory bound': 'systemd-run --user --scope -p Delegate=yes mayfly up …',
        'CPU share': 'systemd-run --user --scope -p Delegate=yes mayfly up …',
      },
    ],
  ];
  for (const [seen, expected] of cases) assert.deepEqual(fixes(seen), expected);
});

test('elsewhere than on Linux there are plain processes', () => {
  const [only, ...rest] = diagnose({
    ...GOOD,
    machine: { ...GOOD.machine, linux: false },
    platform: 'darwin',
  });
  assert.deepEqual(
    rest.map(({ check }) => check),
    ['git push'],
  );
  assert.match(only!.detail, /darwin/);
  assert.equal(only!.fix, 'mayfly up --isolation process');
});

test('this machine can be looked at, and nothing stays behind', async () => {
  const facts = await doctorFacts();
  assert.ok(facts.length >= 1);
  for (const { check, detail } of facts) assert.ok(check !== '' && detail !== '');
});
