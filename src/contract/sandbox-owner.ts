/** The variable that marks the outermost process of each sandbox; its value begins with the node's own name. */
export const OWNER_VARIABLE = 'MAYFLY_SANDBOX_OF';
