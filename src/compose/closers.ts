/** Has a part closed when the node closes, or cannot start; returns the part. */
export type OnClose = <T>(part: T, close: (part: T) => Promise<void> | void) => T;
