/** A benchmark: measures one promise, beside its yardsticks, in one run. */
export interface Scenario {
  readonly name: string;
  /** What is measured, one line. */
  readonly title: string;
  /** What a reader might think is in the figures, and is not. */
  readonly notMeasured: readonly string[];
  run(options: RunOptions): Promise<readonly Figure[]>;
}

export interface RunOptions {
  /** Small and short, to see that it still works; its figures mean nothing. */
  readonly quick: boolean;
  /** Runs whose median counts; each scenario has its own default. */
  readonly runs: number | null;
  readonly isolation: 'sandbox' | 'process';
  /** The `mayfly` that is measured: this checkout's, or one that was installed from a package. */
  readonly program: string;
  /** Says what is going on, to people. */
  progress(text: string): void;
}

export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with, measured in the same run. */
  readonly yardstick?: Yardstick;
  /** What is promised of the value, or of its ratio to the yardstick. */
  readonly promises?: readonly Bound[];
  /** Why there is no value, when it is NaN. */
  readonly note?: string;
}

export interface Yardstick {
  readonly what: string;
  readonly value: number;
}

export interface Bound {
  readonly of: 'value' | 'ratio';
  readonly is: 'at most' | 'at least';
  readonly limit: number;
}

export const atMost = (limit: number): Bound => ({ of: 'value', is: 'at most', limit });
export const atLeast = (limit: number): Bound => ({ of: 'value', is: 'at least', limit });
export const ratioAtLeast = (limit: number): Bound => ({ of: 'ratio', is: 'at least', limit });
export const ratioAtMost = (limit: number): Bound => ({ of: 'ratio', is: 'at most', limit });

/** Value divided by yardstick; null without a yardstick. */
export function ratioOf(figure: Figure): number | null {
  return figure.yardstick === undefined ? null : figure.value / figure.yardstick.value;
}

/** Whether every promise of the figure is met; null when nothing is promised or nothing was measured. */
export function isMet(figure: Figure): boolean | null {
  const { value, promises = [] } = figure;
  if (promises.length === 0 || Number.isNaN(value)) return null;
  return promises.every(({ of, is, limit }) => {
    const measured = of === 'value' ? value : (ratioOf(figure) ?? Number.NaN);
    return is === 'at most' ? measured <= limit : measured >= limit;
  });
}
