import type { Role } from '../../contract/control-api.ts';
import type { Principal } from '../tokens/tokens.ts';

/** Who may use a route: everybody, or a token with this role that is good for the app in the path. */
export type Access = 'public' | Role;

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    /** The token may also come as the password of HTTP Basic: for Git, which knows nothing else. */
    basic?: boolean;
  }
  interface FastifyRequest {
    /** Set on every route that is not public. */
    principal: Principal;
  }
}
