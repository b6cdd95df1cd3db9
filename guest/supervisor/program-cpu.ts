import { readdirSync, readFileSync } from 'node:fs';

const { cpuUsage } = process;
/** Of the kernel's clock, in which it counts the time of children that have ended. */
const TICK_US = 10_000;

/**
 * CPU time of the supervisor and of the author's program, µs. The kernel tells a process only about its children that have
 * ended; of one that runs, `/proc` does: each thread's time to the nanosecond, that of its own ended children in ticks.
 */
export class ProgramCpu {
  #pid = 0;

  /** The program that is counted from now on. */
  watch(pid: number): void {
    this.#pid = pid;
  }

  readonly usage = (): { user: number; system: number } => {
    const own = cpuUsage();
    return { user: own.user + (this.#pid === 0 ? 0 : programUs(this.#pid)), system: own.system };
  };
}

function programUs(pid: number): number {
  try {
    let us = 0;
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      us += Number.parseInt(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1'), 10) / 1_000;
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // cutime and cstime, the 16th and 17th field of proc(5).
    return us + (Number(fields[13]) + Number(fields[14])) * TICK_US;
  } catch {
    // It has ended, or there is no /proc.
    return 0;
  }
}
