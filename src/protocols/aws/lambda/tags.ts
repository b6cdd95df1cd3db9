import { invalidParameter } from '../aws-error.ts';

export type Tags = Readonly<Record<string, string>>;

/** The kind of setting that holds a function's tags, by key. */
export const TAGS_KIND = 'tags';

const TAGS_MAX = 50;
const KEY_CHARS_MAX = 128;
const VALUE_CHARS_MAX = 256;
const TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const RESERVED = /^aws:/i;

/** @throws AwsError InvalidParameterValueException for what AWS takes for no tags */
export function checkTags(tags: Tags): void {
  const entries = Object.entries(tags);
  if (entries.length > TAGS_MAX) throw invalidParameter(`Resource cannot have more than ${TAGS_MAX} tags.`);
  for (const [key, value] of entries) {
    if (key === '' || key.length > KEY_CHARS_MAX || !TEXT.test(key))
      throw invalidParameter(`The tag key "${key}" is not valid.`);
    if (value.length > VALUE_CHARS_MAX || !TEXT.test(value))
      throw invalidParameter(`The value of the tag "${key}" is not valid.`);
    if (RESERVED.test(key)) throw invalidParameter('System tags cannot be added/updated by requester.');
  }
}
