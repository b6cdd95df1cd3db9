import type { IncomingMessage } from 'node:http';
import type { UrlCors } from './function-urls.ts';

const DEFAULT_METHODS = ['*'];

/** Header fields, flat, that let the page of the asking origin read the answer; empty when its origin is not allowed. */
export function corsFields(cors: UrlCors | undefined, origin: string | undefined): string[] {
  if (cors === undefined || origin === undefined) return [];
  const { AllowOrigins = [], AllowCredentials = false, ExposeHeaders = [] } = cors;
  const any = AllowOrigins.includes('*');
  if (!any && !AllowOrigins.includes(origin)) return ['vary', 'Origin'];
  // An answer with credentials must name the origin (Fetch standard, CORS check).
  const fields =
    any && !AllowCredentials
      ? ['access-control-allow-origin', '*']
      : ['access-control-allow-origin', origin, 'vary', 'Origin'];
  if (AllowCredentials) fields.push('access-control-allow-credentials', 'true');
  if (ExposeHeaders.length > 0) fields.push('access-control-expose-headers', ExposeHeaders.join(','));
  return fields;
}

/** Whether the URL answers a request itself: with rules for other origins, no OPTIONS request reaches the function. */
export function isPreflight(cors: UrlCors | undefined, { method, headers }: IncomingMessage): boolean {
  return cors !== undefined && method === 'OPTIONS' && headers.origin !== undefined;
}

/** Of the answer to a preflight, flat. */
export function preflightFields(cors: UrlCors, { headers }: IncomingMessage): string[] {
  const fields = corsFields(cors, headers.origin);
  if (!fields.includes('access-control-allow-origin')) return fields;
  const asked = headers['access-control-request-headers'];
  const methods = cors.AllowMethods ?? DEFAULT_METHODS;
  // With credentials a `*` means nothing to browsers: what was asked for is said instead.
  const method = methods.includes('*') ? headers['access-control-request-method'] : methods.join(',');
  if (method !== undefined) fields.push('access-control-allow-methods', method);
  const names = cors.AllowHeaders ?? [];
  const allowed = names.includes('*') ? asked : names.join(',');
  if (allowed !== undefined && allowed !== '') fields.push('access-control-allow-headers', allowed);
  if (cors.MaxAge !== undefined) fields.push('access-control-max-age', String(cors.MaxAge));
  return fields;
}
