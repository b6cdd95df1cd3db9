import type { FastifyRequest } from 'fastify';
import type { Role } from '../../contract/control-api.ts';
import { MayflyError } from '../../domain/errors.ts';
import { includesRole } from '../tokens/roles.ts';
import type { Principal, Tokens } from '../tokens/tokens.ts';

const BEARER = /^Bearer +(\S+) *$/i;
const BASIC = /^Basic +([A-Za-z0-9+/=]+) *$/i;

/**
 * Reads the bearer token (RFC 6750 §2.1), or on routes that allow it the password of HTTP Basic (RFC 7617), whatever the user's
 * name. Only there: a browser sends a password that it once learnt to every page's requests.
 * @throws MayflyError TOKEN_MISSING, TOKEN_INVALID
 */
export async function authenticate(request: FastifyRequest, tokens: Tokens): Promise<Principal> {
  const header = request.headers.authorization;
  if (header === undefined) throw new MayflyError('TOKEN_MISSING', 'The control API needs a token.');
  const token =
    BEARER.exec(header)?.[1] ?? (request.routeOptions.config?.basic ? passwordIn(header) : undefined);
  const principal = token === undefined ? null : await tokens.verify(token);
  if (principal === null) throw new MayflyError('TOKEN_INVALID', 'The token is not valid here.');
  return principal;
}

function passwordIn(header: string): string | undefined {
  const pair = BASIC.exec(header)?.[1];
  return pair === undefined ? undefined : /^[^:]*:(\S+)$/.exec(Buffer.from(pair, 'base64').toString())?.[1];
}

/** What a client is told in `WWW-Authenticate` (RFC 6750 §3); null: the error has nothing to do with tokens. */
export function challengeOf(error: MayflyError): string | null {
  if (error.code === 'TOKEN_MISSING') return 'Bearer realm="mayfly"';
  if (error.code === 'TOKEN_INVALID') return 'Bearer realm="mayfly", error="invalid_token"';
  return error.code === 'FORBIDDEN' ? 'Bearer realm="mayfly", error="insufficient_scope"' : null;
}

/** Checks the role that the route asks for, and that the token is good for the app in the path. @throws FORBIDDEN */
export function authorise(request: FastifyRequest, principal: Principal): void {
  const needed = request.routeOptions.config?.access ?? 'read';
  if (needed !== 'public') mayDo(principal, needed);
  const { app } = (request.params ?? {}) as { readonly app?: string };
  if (app !== undefined) mayUse(principal, app);
}

/** @throws MayflyError FORBIDDEN when the token's role is too small */
export function mayDo(principal: Principal, needed: Role): void {
  if (includesRole(principal.role, needed)) return;
  throw new MayflyError('FORBIDDEN', `This needs the role "${needed}"; the token has "${principal.role}".`);
}

/** @throws MayflyError FORBIDDEN when the token is restricted to other apps */
export function mayUse(principal: Principal, app: string): void {
  if (sees(principal, app)) return;
  throw new MayflyError('FORBIDDEN', `The token is not good for the app "${app}".`);
}

export function sees(principal: Principal, app: string): boolean {
  return principal.apps === null || principal.apps.includes(app);
}

/** For what concerns the node as a whole. @throws MayflyError FORBIDDEN when the token is restricted to some apps */
export function mayUseNode(principal: Principal): void {
  if (principal.apps === null) return;
  throw new MayflyError('FORBIDDEN', 'The token is restricted to some apps; this concerns the whole node.');
}
