import { openSync, readSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { MachineLoad } from '../../ports/machine-load.ts';

const FILE = '/proc/loadavg';
const FILE_BYTES_MAX = 64;

/**
 * Reads the fourth field of /proc/loadavg, `running/all` (proc(5)): some 3 µs with the file kept open. The averages in the
 * same file are over a minute and more, and pressure-stall information is not on every machine.
 */
export function openMachineLoad(): MachineLoad {
  const cpus = availableParallelism();
  const text = Buffer.alloc(FILE_BYTES_MAX);
  let file: number;
  try {
    file = openSync(FILE, 'r');
  } catch {
    return { runnablePerCpu: () => 0 };
  }
  return {
    runnablePerCpu() {
      const length = readSync(file, text, 0, FILE_BYTES_MAX, 0);
      // The reader itself is running, and is not counted.
      const running = Number.parseInt(text.toString('latin1', 0, length).split(' ')[3] ?? '', 10) - 1;
      return Number.isNaN(running) ? 0 : running / cpus;
    },
  };
}
