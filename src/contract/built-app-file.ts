import Type, { type Static } from 'typebox';
import { ArtifactFileSchema, ReleaseManifestSchema, Sha256Schema } from './manifest.ts';

/**
 * A build in one file, as `mayfly build --output` writes it: this document as one line of JSON, and after it the bytes of every
 * blob, in the order of `blobs`, with nothing between them.
 */
export const BuiltAppHeadSchema = Type.Object(
  {
    format: Type.Literal('mayfly-build-1'),
    manifest: ReleaseManifestSchema,
    artifacts: Type.Array(Type.Array(ArtifactFileSchema, { maxItems: 100_000 }), { maxItems: 10_000 }),
    blobs: Type.Array(
      Type.Object(
        { sha256: Sha256Schema, bytes: Type.Integer({ minimum: 0 }) },
        { additionalProperties: false },
      ),
      { maxItems: 100_000 },
    ),
    /** What the author should know, though nothing is broken. */
    warnings: Type.Array(Type.String({ maxLength: 4_096 }), { maxItems: 1_000 }),
  },
  { additionalProperties: false },
);

export type BuiltAppHead = Static<typeof BuiltAppHeadSchema>;
