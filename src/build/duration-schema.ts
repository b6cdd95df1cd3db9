import Type from 'typebox';
import { DURATION_PATTERN } from '../kit/quantity.ts';

/** A setting that is a span of time. */
export const duration = (description: string) =>
  Type.Union([Type.String({ pattern: DURATION_PATTERN }), Type.Number({ minimum: 0 })], {
    title: 'a duration such as "10s" or "250ms", or a number of milliseconds',
    description,
  });
