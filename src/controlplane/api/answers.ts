import Type, { type TSchema } from 'typebox';
import { ProblemSchema } from '../../contract/control-api.ts';
import { PROBLEM_TYPE } from './problem.ts';

/** Any bytes, any type; for the documentation only. */
export const BytesSchema = Type.Unknown({ description: 'bytes, as they are' });

const Problems = {
  default: {
    description: 'An error: `code` is a row of the error table',
    content: { [PROBLEM_TYPE]: { schema: ProblemSchema } },
  },
} as const;

/** A JSON answer with this status, or a problem. */
export function answers<S extends TSchema, N extends number>(status: N, schema: S, description: string) {
  return {
    [status]: { description, content: { 'application/json': { schema } } },
    ...Problems,
  } as { [K in N]: { content: { 'application/json': { schema: S } } } } & typeof Problems;
}

/** An answer of another media type, or a problem. */
export function answersBytes(mediaType: string, description: string, schema: TSchema = BytesSchema) {
  return { 200: { description, content: { [mediaType]: { schema } } }, ...Problems };
}

/** An empty answer, or a problem. */
export function answersNothing(description: string) {
  return { 204: { description, type: 'null' as const }, ...Problems };
}
