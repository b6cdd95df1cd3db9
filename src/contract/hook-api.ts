import Type, { type Static } from 'typebox';
import { Timestamp } from './control-api-parts.ts';

/**
 * The control API's messages about hooks, by which Git hosts report pushes. Paths:
 *
 * ```
 * POST   /v1/apps/:app/hooks                     HookRequest          → HookAnswer (201)
 * GET    /v1/apps/:app/hooks                                          → HookList
 * DELETE /v1/apps/:app/hooks/:id                                        204
 * POST   /v1/hooks/:app/:id                      what the host sends  → HookReceipt (202); signed, without a token
 * ```
 */
const closed = { additionalProperties: false } as const;
const Host = Type.Union([Type.Literal('github'), Type.Literal('gitlab'), Type.Literal('gitea')]);

export const HookRequestSchema = Type.Object(
  {
    host: Host,
    url: Type.String({
      maxLength: 2_048,
      description: 'where the repository is fetched from, http or https',
    }),
    productionBranch: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    /** For a repository that is not public. */
    credentials: Type.Optional(
      Type.Object(
        {
          user: Type.String({ maxLength: 256, pattern: '^[^:\\s]+$' }),
          password: Type.String({ maxLength: 1_024 }),
        },
        closed,
      ),
    ),
  },
  closed,
);
export const HookAnswerSchema = Type.Object({
  id: Type.String(),
  secret: Type.String({ description: 'for the host; told this once' }),
  path: Type.String({ description: 'on the control address: what the host posts to' }),
});
const HookDeliverySchema = Type.Object({
  id: Type.String(),
  at: Timestamp,
  branch: Type.Union([Type.String(), Type.Null()]),
  state: Type.Union([
    Type.Literal('running'),
    Type.Literal('deployed'),
    Type.Literal('failed'),
    Type.Literal('ignored'),
  ]),
  message: Type.String({ description: 'the last lines of what was said' }),
});
export const HookSchema = Type.Object({
  id: Type.String(),
  host: Host,
  url: Type.String(),
  path: Type.String(),
  createdAt: Timestamp,
  deliveries: Type.Array(HookDeliverySchema, { description: 'newest first' }),
});
export const HookListSchema = Type.Object({ hooks: Type.Array(HookSchema) });
export const HookReceiptSchema = Type.Object({
  delivery: Type.String(),
  accepted: Type.Boolean({ description: 'false: there is nothing to do, or it came before' }),
});

export type HookRequest = Static<typeof HookRequestSchema>;
export type HookAnswer = Static<typeof HookAnswerSchema>;
export type HookDescription = Static<typeof HookSchema>;
export type HookReceipt = Static<typeof HookReceiptSchema>;
