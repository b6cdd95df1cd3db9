import Type from 'typebox';

export const Timestamp = Type.Integer({ description: 'ms since the epoch' });

export const ProblemSchema = Type.Object({
  type: Type.String({ description: 'urn:mayfly:error:CODE' }),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String(),
  blame: Type.String(),
  retryable: Type.Boolean(),
  hint: Type.String(),
  details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
