import { incompleteBeta } from '../../../kit/incomplete-beta.ts';

interface Count {
  readonly hits: number;
  readonly calls: number;
}

/** Halvings of [0, 1]: far more precise than a bound must be. */
const HALVINGS = 40;
/** Parts that the plausible stable shares are cut into; more change a p-value by a few percent of itself. */
const CELLS = 200;
/** What is left out of the plausible stable shares, and added to the p-value. */
const LEFT_OUT = 1e-13;

/** P(X ≥ `hits`) for X binomial with `calls` and `chance`. */
function binomialTail({ hits, calls }: Count, chance: number): number {
  if (hits <= 0) return 1;
  return incompleteBeta(chance, hits, calls - hits + 1);
}

/**
 * The p-value of "the canary's share is at most the stable one's plus `tolerated`", rounded up. The stable share is not
 * known: the binomial tail of the canary's count is averaged over the shares that the stable count leaves plausible
 * (its upper Clopper-Pearson confidence distribution). Without tolerance this is Fisher's exact test. (Fay, Proschan and Brittain,
 * "Combining one-sample confidence procedures for inference in the two-sample case", Biometrics 71, 2015.)
 */
export function shareExcess(stable: Count, canary: Count, tolerated: number): number {
  if (canary.hits <= 0 || stable.hits >= stable.calls) return 1;
  // Even were the stable share exactly what was measured, nothing would be wrong: the common case, and cheap.
  if (canary.hits / canary.calls <= stable.hits / stable.calls + tolerated) return 1;
  const low = shareExceededWith(stable, 1 - LEFT_OUT);
  const high = shareExceededWith(stable, LEFT_OUT);
  const width = (high - low) / CELLS;
  let sum = LEFT_OUT;
  let above = 1;
  for (let cell = 0; cell <= CELLS; cell++) {
    // The first cell is everything below `low`. Each counts with its upper end, where the tail is largest.
    const end = low + cell * width;
    const aboveEnd = chanceAbove(stable, end);
    sum += (above - aboveEnd) * binomialTail(canary, Math.min(1, end + tolerated));
    above = aboveEnd;
  }
  return Math.min(1, sum);
}

/** P(T ≥ `t`) for T of Student's distribution. */
export function studentTail(t: number, degreesOfFreedom: number): number {
  const outside =
    incompleteBeta(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5) / 2;
  return t >= 0 ? outside : 1 - outside;
}

/** How plausible it is that the true share is above `share`: P(X ≤ hits) for X binomial with that share. */
function chanceAbove({ hits, calls }: Count, share: number): number {
  return incompleteBeta(1 - share, calls - hits, hits + 1);
}

/** The share above which the true one is with this chance. */
function shareExceededWith(count: Count, chance: number): number {
  let low = 0;
  let high = 1;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (chanceAbove(count, middle) > chance) low = middle;
    else high = middle;
  }
  return high;
}
