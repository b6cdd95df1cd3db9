import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleSupervisor } from '../../src/build/guest-bundle.ts';
import { SUPERVISOR_FLAGS } from '../../src/compose/supervisor-runtime.ts';
import type { FailureMessage, SpecialiseMessage } from '../../src/contract/guest-messages.ts';
import { GuestDriver } from '../guest/guest-driver.ts';
import { within } from '../guest/patience.ts';

let bundle: Promise<string> | null = null;

async function bundled(): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'mayfly-supervisor-')), 'supervisor.cjs');
  await bundleSupervisor(file);
  return file;
}

/** Removes the bundled supervisor; call it after the last test of a file. */
export async function cleanSupervisor(): Promise<void> {
  if (bundle !== null) await rm(join(await bundle, '..'), { recursive: true });
  bundle = null;
}

const LAMBDA = { dialect: 'lambda', handler: { file: 'bootstrap', export: 'index.handler' } } as const;

/** A supervisor with these files, all executable, that has not been told what to become. */
async function bootSupervisor(files: Record<string, string | Buffer>): Promise<GuestDriver> {
  bundle ??= bundled();
  const guest = await GuestDriver.boot(files, {}, [process.execPath, ...SUPERVISOR_FLAGS, await bundle]);
  for (const name of Object.keys(files)) await chmod(join(guest.folder, name), 0o755);
  guest.leaveMs = 2_000;
  await within(guest.booted, 'BOOTED');
  return guest;
}

/** A supervisor that runs a program; a text alone is a script in place of `bootstrap`. @throws when it does not start */
export async function supervise(
  files: Record<string, string | Buffer> | string,
  message: Partial<SpecialiseMessage> = {},
): Promise<GuestDriver> {
  const guest = await bootSupervisor(typeof files === 'string' ? { bootstrap: files } : files);
  const failure = await guest.specialise({ ...LAMBDA, ...message });
  if (failure === null) return guest;
  await guest[Symbol.asyncDispose]();
  throw new Error(`${failure.name}: ${failure.message}`);
}

/** Why it did not start. */
export async function failedStart(
  files: Record<string, string | Buffer> | string,
  message: Partial<SpecialiseMessage> = {},
): Promise<FailureMessage> {
  await using guest = await bootSupervisor(typeof files === 'string' ? { bootstrap: files } : files);
  const failure = await guest.specialise({ ...LAMBDA, ...message });
  if (failure === null) throw new Error('It started.');
  return failure;
}
