import type { Role } from '../../contract/control-api.ts';

/** Each role includes those after it. */
const ROLES: readonly Role[] = ['admin', 'deploy', 'invoke', 'read'];

/** Whether who has `role` may do what needs `needed`. */
export function includesRole(role: Role, needed: Role): boolean {
  const at = ROLES.indexOf(role);
  return at >= 0 && at <= ROLES.indexOf(needed);
}
