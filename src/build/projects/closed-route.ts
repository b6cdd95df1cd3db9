import type { Note } from './section.ts';

/** The rule of all tools: what its author closed is not opened. Told of a route whose callers were to be checked by something that is not here. */
export const CLOSED_ROUTE: Note & { readonly suggestion: string } = {
  severity: 'later',
  means:
    'the route is not made: nothing here could check its callers yet, and without that it would be open to everybody',
  suggestion: 'check the caller in the function and take the authorizer away, or wait for authorizers',
};
