/**
 * Request: by which release a call wants to be served: `stable`, `canary` or a release's id (testers), or a pin, which
 * the guest adds to what a function asks of its own app. Response: the release that served.
 */
export const RELEASE_HEADER = 'x-mayfly-release';
