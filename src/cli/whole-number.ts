import { usageError } from './errors.ts';

/** The value of a flag that counts something, at least 1. @throws MayflyError USAGE */
export function wholeNumber(text: string, flag: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw usageError(`${flag} is a whole number from 1, not "${text}".`);
}
