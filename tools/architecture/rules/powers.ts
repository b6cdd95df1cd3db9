import type { Repository } from '../repository.ts';
import type { Power } from '../table.ts';
import type { Violation } from '../violation.ts';

const INSTEAD: Readonly<Record<Power, string>> = {
  io: 'Reach it through a port; an adapter implements it.',
  http: 'Reach it through a port; an adapter implements it.',
  sql: 'Reach it through a port; an adapter implements it.',
  clock: 'Take a Clock (src/ports/clock.ts), so that time can be simulated.',
  timers: 'Return what is due and when; let the caller wait.',
  random: 'Take the number or the id as a parameter.',
  environment: 'Take the value from the Config; the environment is read in src/config.ts.',
  npm: 'This room stands on the language alone.',
};

/** Nothing touches what its room has no power over: files, clocks, SQL, packages … */
export function checkPowers(repository: Repository): Violation[] {
  const violations: Violation[] = [];
  for (const file of repository.files) {
    const room = repository.roomOf(file.path);
    if (room === null || file.isTest) continue;
    for (const { power, what, line } of file.touches) {
      if (room.row.powers.includes(power)) continue;
      violations.push({
        file: file.path,
        line,
        rule: 'power',
        message: `${room.name} has no power over "${power}", but uses ${what}. ${INSTEAD[power]}`,
        severity: 'error',
      });
    }
  }
  return violations;
}
