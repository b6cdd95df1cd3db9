import { MayflyError } from '../../domain/errors.ts';

/** Why an image cannot be used: what is wrong with it, for whoever made it. */
export function imageRefused(why: string, cause?: unknown): MayflyError {
  return new MayflyError('VALIDATION_FAILED', `The image cannot be used: ${why}.`, { cause });
}
