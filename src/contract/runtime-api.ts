import Type, { type Static } from 'typebox';
import { Timestamp } from './control-api-parts.ts';

/**
 * The control API's messages about the runtimes of a node. Paths:
 *
 * ```
 * GET    /v1/runtimes                                       → RuntimeList
 * POST   /v1/runtimes/:runtime                              → Runtime     fetches the newest version from the registry
 * PUT    /v1/runtimes/:runtime/package      npm tarball     → Runtime
 * DELETE /v1/runtimes/:runtime                              → 204
 * ```
 */
export const RuntimeSchema = Type.Object({
  name: Type.String(),
  version: Type.Union([Type.String(), Type.Null()], {
    description: 'null: it is not here, and is fetched when a deploy needs it',
  }),
  bytes: Type.Integer(),
  from: Type.Union(
    [
      Type.Literal('mayfly'),
      Type.Literal('machine'),
      Type.Literal('registry'),
      Type.Literal('file'),
      Type.Null(),
    ],
    {
      description: 'where it came from; mayfly: it runs on it itself; machine: it is installed there',
    },
  ),
  integrity: Type.Union([Type.String(), Type.Null()], { description: 'of its package, as npm writes it' }),
  addedAt: Type.Union([Timestamp, Type.Null()]),
  usedBy: Type.Array(Type.String(), { description: 'what is live on it: APP (ENVIRONMENT)' }),
});
export const RuntimeListSchema = Type.Object({ runtimes: Type.Array(RuntimeSchema) });

export type Runtime = Static<typeof RuntimeSchema>;
