const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const UNIT_MB = { MB: 1, GB: 1_024 } as const;
const UNIT_BYTES = { KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 } as const;

/** Pattern of a written duration, for schemas: `250ms`, `1.5s`, `2m`, `1h`, `7d`. */
export const DURATION_PATTERN = '^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$';
/** Pattern of a written size, for schemas: `256MB`, `1.5GB`. */
export const SIZE_PATTERN = '^[0-9]+(\\.[0-9]+)?(MB|GB)$';
/** Pattern of a written share, for schemas: `10%`, `0.25%`. */
export const PERCENT_PATTERN = '^[0-9]+(\\.[0-9]{1,2})?%$';

/**
 * A duration in ms: `"10s"`, `"250ms"`, `"2m"`, `"1h"`, `"7d"`, or a number, which is ms already. Fractions are
 * rounded to a whole ms. `null` when it is neither: a string without a unit is refused, because "30" is read as
 * seconds by one person and as milliseconds by the next.
 */
export function parseDuration(value: string | number): number | null {
  return parseQuantity(value, DURATION_PATTERN, UNIT_MS);
}

/** A size in MB (2^20 bytes): `"256MB"`, `"1GB"` (1024 MB), or a number, which is MB already. `null` when neither. */
export function parseSize(value: string | number): number | null {
  return parseQuantity(value, SIZE_PATTERN, UNIT_MB);
}

/** A size in bytes: `"32KB"`, `"100MB"`, `"1GB"` (powers of 1024), or a number, which is bytes already. `null` when neither. */
export function parseBytes(value: string | number): number | null {
  return parseQuantity(value, '^[0-9]+(\\.[0-9]+)?(KB|MB|GB)$', UNIT_BYTES);
}

/** A share in basis points (hundredths of a percent): `"10%"` → 1000, `"0.25%"` → 25. `null` when it is none. */
export function parsePercent(text: string): number | null {
  if (!new RegExp(PERCENT_PATTERN).test(text)) return null;
  const points = Math.round(Number.parseFloat(text) * 100);
  return Number.isSafeInteger(points) ? points : null;
}

/** Basis points as people write them: `1000` → `10%`, `25` → `0.25%`. */
export function formatPercent(basisPoints: number): string {
  return `${basisPoints / 100}%`;
}

function parseQuantity(
  value: string | number,
  pattern: string,
  units: Readonly<Record<string, number>>,
): number | null {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? Math.round(value) : null;
  const match = new RegExp(pattern).exec(value);
  if (match === null) return null;
  const unit = /[A-Za-z]+$/.exec(value)?.[0] ?? '';
  const factor = units[unit];
  const product = factor === undefined ? Number.NaN : Number.parseFloat(value) * factor;
  return Number.isSafeInteger(Math.round(product)) ? Math.round(product) : null;
}

/** A duration as people write it, in the largest unit that leaves it whole: `90000` → `90s`. */
export function formatDuration(ms: number): string {
  for (const [unit, factor] of Object.entries(UNIT_MS).reverse()) {
    if (ms >= factor && ms % factor === 0) return `${ms / factor}${unit}`;
  }
  return `${ms}ms`;
}
