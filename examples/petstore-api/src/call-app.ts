/** Asks another function of this app. Mayfly keeps the call in the release that the first one entered by. */
export function callApp(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${process.env.MAYFLY_APP_URL}${path}`, init);
}
