/** How numbers and times look to people. */

/** `0.42 ms`, `8.1 ms`, `230 ms`, `2.35 s`. */
export function formatMs(ms: number): string {
  if (ms < 1) return `${ms.toFixed(2)} ms`;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return `${(ms / 1_000).toFixed(2)} s`;
}

/** Local time with ms: `2025-11-21 10:13:05.123`. */
export function formatTime(time: number): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Up to the minute: `2025-11-21 10:13`. */
export function formatMinute(time: number): string {
  return formatTime(time).slice(0, 16);
}

/** Money with as many digits as a small amount needs: `USD 0.00000042`, `USD 12.31`. */
export function formatMoney(currency: string, amount: number): string {
  const digits = amount === 0 || amount >= 1 ? 2 : Math.min(10, 2 - Math.floor(Math.log10(amount)));
  return `${currency} ${amount.toFixed(digits)}`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `812 B`, `14.2 KB`, `3.1 MB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
