import type { ImageStore } from '../../src/ports/image-store.ts';

/** A node's images where a test deploys none. */
export const noImages: ImageStore = { prepare: async () => {}, collect: async () => {} };
