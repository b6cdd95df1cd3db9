import Type, { type Static } from 'typebox';
import { Timestamp } from './control-api-parts.ts';
import { NameSchema } from './manifest.ts';

/**
 * The control API's messages about who is told of deploys. Paths:
 *
 * ```
 * POST   /v1/apps/:app/notifications             NotifyRequest        → NotifyAnswer (201)
 * GET    /v1/apps/:app/notifications                                  → NotifyList
 * DELETE /v1/apps/:app/notifications/:id                                204
 * ```
 *
 * What is sent is a CloudEvent 1.0 as structured JSON (`ActivityEvent`), signed as Standard Webhooks has it:
 * `webhook-signature: v1,BASE64` is the HMAC-SHA256 of `ID.TIMESTAMP.BODY` by the bytes behind `whsec_`, where ID and TIMESTAMP stand in
 * `webhook-id` and `webhook-timestamp`. The same event may come more than once, always with the same id.
 */
const closed = { additionalProperties: false } as const;

export const NotifyRequestSchema = Type.Object(
  {
    url: Type.String({ maxLength: 2_048, description: 'http or https' }),
    environment: Type.Optional(NameSchema),
    secret: Type.Optional(
      Type.String({
        pattern: '^whsec_[A-Za-z0-9+/]{32,88}={0,2}$',
        description: 'base64 of 24 to 64 bytes behind `whsec_`; by default a new one',
      }),
    ),
  },
  closed,
);
export const NotifyAnswerSchema = Type.Object({
  id: Type.String(),
  secret: Type.String({ description: 'told this once' }),
});
export const NotifyTargetSchema = Type.Object({
  id: Type.String(),
  url: Type.String(),
  environment: Type.Union([Type.String(), Type.Null()], { description: 'null: all' }),
  createdAt: Timestamp,
  last: Type.Union(
    [
      Type.Object({
        at: Timestamp,
        delivered: Type.Boolean(),
        attempts: Type.Integer(),
        outcome: Type.String({ description: 'an HTTP status, or what went wrong' }),
      }),
      Type.Null(),
    ],
    { description: 'since the node started' },
  ),
});
export const NotifyListSchema = Type.Object({ targets: Type.Array(NotifyTargetSchema) });

export type NotifyRequest = Static<typeof NotifyRequestSchema>;
export type NotifyAnswer = Static<typeof NotifyAnswerSchema>;
export type NotifyTarget = Static<typeof NotifyTargetSchema>;
