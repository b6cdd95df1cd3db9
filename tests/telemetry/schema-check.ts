import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** What is wrong with a value, one text for each error; empty: nothing. */
export function validate(schema: TSchema, value: unknown): string[] {
  return Array.from(Value.Errors(schema, value), (error) => `${error.instancePath}: ${error.message}`);
}
