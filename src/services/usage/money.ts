import type { PriceList } from '../../contract/control-api.ts';
import type { UsageTotals } from './usage-totals.ts';

/**
 * Money is counted exactly, in whole numbers, and becomes a decimal only where it is shown.
 *
 * A price has at most 12 decimals, so it is a whole number of 10^-12 of the currency. One call costs
 * `perMillionRequests / 10^6`, one MB·ms costs `perGbSecond / (1024 × 1000)`; over the common denominator
 * 1,024,000,000 both are whole. The sum of any rows is therefore the cost of the sum.
 */
export type Money = bigint;

/** 10^-12 of the currency × this = one unit of Money. */
const DENOMINATOR = 1_024_000_000n;
const TRILLION = 1e12;
/** MB·ms of one GB-second. */
export const MB_MS_PER_GB_SECOND = 1_024_000;

export function costOf(calls: number, mbMs: number, prices: PriceList): Money {
  return (
    BigInt(calls) * wholeOf(prices.perMillionRequests) * (DENOMINATOR / 1_000_000n) +
    BigInt(mbMs) * wholeOf(prices.perGbSecond) * (DENOMINATOR / BigInt(MB_MS_PER_GB_SECOND))
  );
}

/**
 * Cost of one calendar month's usage with the list's free tier taken off: the first `freeRequests` calls and
 * `freeGbSeconds` cost nothing.
 */
export function monthCostOf(month: UsageTotals, prices: PriceList): Money {
  const freeMbMs = Math.floor((prices.freeGbSeconds ?? 0) * MB_MS_PER_GB_SECOND);
  return costOf(
    Math.max(0, month.calls - Math.floor(prices.freeRequests ?? 0)),
    Math.max(0, month.mbMs - freeMbMs),
    prices,
  );
}

/** To the currency, rounded to 12 decimals (half up). */
export function amountOf(money: Money): number {
  return Number((money + DENOMINATOR / 2n) / DENOMINATOR) / TRILLION;
}

function wholeOf(price: number): bigint {
  return BigInt(Math.round(price * TRILLION));
}
