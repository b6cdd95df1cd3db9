import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBubblewrap } from '../../src/adapters/sandboxes/bubblewrap.ts';
import type { SandboxLimits } from '../../src/adapters/sandboxes/sandbox-options.ts';
import type { Probe } from '../../src/ports/sandbox.conformance.ts';
import type { Sandbox, SandboxDriver, SandboxSpec } from '../../src/ports/sandbox.ts';
import { attachProbe, probeOptions, RUNTIME } from '../sandbox/probe.ts';

/** A driver with guests that do whatever a hostile author would have them do. */
export class HostileGuests {
  readonly folder: string;
  readonly driver: SandboxDriver;
  #started = 0;

  static async open(limits: Partial<SandboxLimits>): Promise<HostileGuests> {
    const folder = mkdtempSync(`${tmpdir()}/mayfly-hostile-`);
    return new HostileGuests(folder, await openBubblewrap(probeOptions(folder, limits)));
  }

  constructor(folder: string, driver: SandboxDriver) {
    this.folder = folder;
    this.driver = driver;
  }

  async start(change: Partial<SandboxSpec> = {}): Promise<{ sandbox: Sandbox; probe: Probe }> {
    this.#started += 1;
    const id = `h${this.#started}`;
    const sandbox = await this.driver.start({
      id,
      runtime: RUNTIME,
      network: 'none',
      memoryMb: 256,
      ...change,
    });
    const probe = attachProbe(sandbox);
    await probe.booted;
    return { sandbox, probe };
  }

  /** Runs `act` with a fresh guest and ends the guest. */
  async with<T>(
    act: (probe: Probe, sandbox: Sandbox) => Promise<T>,
    change: Partial<SandboxSpec> = {},
  ): Promise<T> {
    const { sandbox, probe } = await this.start(change);
    try {
      return await act(probe, sandbox);
    } finally {
      sandbox.kill();
      await sandbox.exited;
    }
  }

  async close(): Promise<void> {
    await this.driver.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Host processes whose command line holds `mark`. */
export function processesWith(mark: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark);
      } catch {
        return false;
      }
    });
}

/** Polls until `holds`; throws when it does not within `deadlineMs`. */
export async function until(what: string, holds: () => boolean, deadlineMs = 10_000): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`Not within ${deadlineMs} ms: ${what}`);
    await sleep(20);
  }
}
