/** A segment of an Azure route: plain text, `{name}`, `{name:type}`, `{name?}`, `{*rest}`. */
const SEGMENT = /^(?:\{(\*?)(\w+)(?::[^{}]+?)?(?:=[^{}]*)?(\?)?\}|([^{}]*))$/;

/**
 * The patterns that a route of Azure's means to Mayfly, the longest first: one for each parameter that may be left out.
 * @param prefix `routePrefix` of host.json; Azure's own default is `api`
 * @returns a sentence instead when Mayfly has no pattern for it
 */
export function azureRoutes(route: string, prefix: string): string[] | string {
  const patterns = [''];
  for (const segment of `${prefix}/${route}`.split('/').filter((part) => part !== '')) {
    const [, star, name, optional, plain] = SEGMENT.exec(segment) ?? [null];
    if (name === undefined && plain === undefined) {
      return `the segment "${segment}" of the route "${route}" mixes text and parameters`;
    }
    const written = plain ?? (star === '*' ? '*' : `:${name}`);
    const shorter = patterns[0]!;
    patterns[0] = `${shorter}/${written}`;
    // What follows a parameter that may be left out may be left out itself.
    if (optional === '?' || star === '*') patterns.splice(1, 0, shorter);
  }
  return patterns.map((pattern) => (pattern === '' ? '/' : pattern));
}
