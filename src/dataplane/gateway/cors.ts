import type { IncomingMessage } from 'node:http';
import type { CorsPolicy } from '../../domain/route.ts';

/** Fields that let the page of this origin read the answer; flat list, empty when the origin is not allowed. */
export function corsHeaders(policy: CorsPolicy, origin: string | undefined): string[] {
  if (origin === undefined) return [];
  const any = policy.origins.includes('*');
  if (!any && !policy.origins.includes(origin)) return ['vary', 'Origin'];
  // A credentialed answer must name the origin; `*` would be refused by the browser (Fetch standard, CORS check).
  const headers =
    any && !policy.credentials
      ? ['access-control-allow-origin', '*']
      : ['access-control-allow-origin', origin, 'vary', 'Origin'];
  if (policy.credentials) headers.push('access-control-allow-credentials', 'true');
  if (policy.exposeHeaders.length > 0) {
    headers.push('access-control-expose-headers', policy.exposeHeaders.join(', '));
  }
  return headers;
}

/** A CORS preflight: OPTIONS with an Origin and the method that it asks for. */
export function isPreflight(req: IncomingMessage): boolean {
  return (
    req.method === 'OPTIONS' &&
    req.headers.origin !== undefined &&
    req.headers['access-control-request-method'] !== undefined
  );
}

/** The answer to a preflight. */
export function preflightHeaders(policy: CorsPolicy, req: IncomingMessage): string[] {
  const headers = corsHeaders(policy, req.headers.origin);
  if (!headers.includes('access-control-allow-origin')) return headers;
  headers.push('access-control-allow-methods', policy.methods.join(', '));
  const asked = req.headers['access-control-request-headers'];
  const allowed = policy.headers.includes('*') ? asked : policy.headers.join(', ');
  if (allowed !== undefined && allowed !== '') headers.push('access-control-allow-headers', allowed);
  headers.push('access-control-max-age', String(policy.maxAgeS));
  return headers;
}
