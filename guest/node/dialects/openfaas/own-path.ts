const OWN = /^\/function\/[^/]+/;

/** The path as the function knows it: OpenFaaS's gateway keeps `/function/NAME` to itself. */
export function ownPath(path: string, route: string): string {
  if (!OWN.test(route)) return path;
  return path.replace(OWN, '') || '/';
}
