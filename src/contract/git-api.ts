import Type, { type Static } from 'typebox';

/**
 * The control API's messages about Git. Paths:
 *
 * ```
 * PUT    /v1/apps/:app/repository                RepositoryRequest    → RepositoryAnswer
 * GET    /v1/apps/:app/repository                                     → Repository
 * DELETE /v1/apps/:app/repository                                       204
 * GET    /v1/apps/:app/git/info/refs?service=…                          Git's smart HTTP protocol, from here on;
 * POST   /v1/apps/:app/git/git-upload-pack                              a token may come as the password of HTTP Basic
 * POST   /v1/apps/:app/git/git-receive-pack
 * ```
 */
const closed = { additionalProperties: false } as const;

export const RepositoryRequestSchema = Type.Object(
  {
    productionBranch: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'the branch that goes to production; at first `main`',
      }),
    ),
  },
  closed,
);
export const RepositorySchema = Type.Object({
  app: Type.String(),
  productionBranch: Type.String(),
  path: Type.String({ description: 'where it is on the control address: `/v1/apps/APP/git`' }),
});
export const RepositoryAnswerSchema = Type.Intersect([
  RepositorySchema,
  Type.Object({ created: Type.Boolean() }),
]);

export type RepositoryDescription = Static<typeof RepositorySchema>;
export type RepositoryAnswer = Static<typeof RepositoryAnswerSchema>;
