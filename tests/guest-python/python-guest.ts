import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { layOutPythonGuest } from '../../src/build/python/python-guest.ts';
import { findPython, type PythonProgram } from '../../src/build/python/python-program.ts';
import type { SpecialiseMessage } from '../../src/contract/guest-messages.ts';
import { type GuestCommand, GuestDriver } from '../guest/guest-driver.ts';

const SOURCES = resolve(import.meta.dirname, '../../guest/python');

/** The guest for Python as it ships, run by the Python that MAYFLY_PYTHON names, else the machine's. */
export class PythonGuest {
  #folder: string | null = null;
  #command: Promise<GuestCommand> | null = null;

  boot(files: Record<string, string | Buffer> = {}): Promise<GuestDriver> {
    return this.#ready().then((command) => GuestDriver.boot(files, {}, command));
  }

  /** Loads `handler` of `index.py`, in the dialect `event`, unless `message` says otherwise. */
  async load(
    files: Record<string, string | Buffer> | string,
    message: Partial<SpecialiseMessage> = {},
  ): Promise<GuestDriver> {
    const defaults = { handler: { file: 'index.py', export: 'handler' }, dialect: 'event' };
    const all = typeof files === 'string' ? { 'index.py': files } : files;
    return GuestDriver.load(all, { ...defaults, ...message }, await this.#ready());
  }

  async clean(): Promise<void> {
    if (this.#folder !== null) await rm(this.#folder, { recursive: true });
    this.#folder = null;
    this.#command = null;
  }

  #ready(): Promise<GuestCommand> {
    this.#command ??= this.#layOut();
    return this.#command;
  }

  async #layOut(): Promise<GuestCommand> {
    const python = await machinesPython();
    this.#folder = await mkdtemp(join(tmpdir(), 'mayfly-guest-'));
    const { guestFile } = await layOutPythonGuest(SOURCES, this.#folder, python);
    return [python.executable, '-I', '-B', guestFile];
  }
}

/** The Python that tests use. */
export async function machinesPython(): Promise<PythonProgram> {
  const python = await findPython(process.env.MAYFLY_PYTHON);
  if (python === null) throw new Error('These tests need Python 3.9 or later.');
  return python;
}

/** Why a test that needs this package is skipped; false: the package is there. */
export async function lacks(name: string): Promise<string | false> {
  const { executable } = await machinesPython();
  const found = promisify(execFile)(executable, ['-I', '-c', `import ${name}`]);
  return found.then(
    () => false,
    () => `this Python has no package ${name}`,
  );
}
