/** Shared by both functions; each bundle gets its own copy. */
export const first = { id: '1', text: 'A mayfly lives for a moment.' };
