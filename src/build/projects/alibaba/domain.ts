import type { RouteFile } from '../../config-schema.ts';
import type { Section } from '../section.ts';
import { readVendorPath } from '../vendor-route.ts';

/** Routes of a custom domain to one function. */
export interface DomainRoutes {
  readonly function: string;
  readonly routes: readonly RouteFile[];
}

/**
 * `fc3-domain`, and the members of `customDomains` of 2.0: paths that lead to functions. The domain itself is the node's affair.
 * @param own the function beside which the domain stands
 */
export function readDomain(props: Section | undefined, own: string | null): DomainRoutes[] {
  if (props === undefined) return [];
  props.leave('ignored', {
    domainName: 'the app has its own host',
    region: 'the node is the only place there is',
    protocol: "the node's gateway says which protocols there are",
    certConfig: "the node's gateway has the certificates",
    tlsConfig: "the node's gateway has the certificates",
    wafConfig: 'there is no firewall for applications',
    authConfig: 'nobody is asked who they are; check it in the function',
    corsConfig: '"cors" in mayfly.yaml says who may call from browsers',
  });
  const nested = props.section('routeConfig')?.sections('routes') ?? [];
  const found = [...nested, ...props.sections('routeConfigs')];
  return found.flatMap((route) => {
    route.leave('ignored', {
      qualifier: 'calls go to the release that is live',
      rewriteConfig: 'paths are not rewritten',
    });
    route.pass('serviceName');
    const path = route.text('path') ?? '/*';
    const methods = route.texts('methods');
    const { patterns, loss } = readVendorPath(path);
    if (loss !== null) route.tell('path', { severity: 'ignored', means: loss });
    const target = route.text('functionName') ?? own;
    if (target === null) return [];
    const routes = patterns.flatMap((pattern) =>
      methods.length === 0 ? [pattern] : methods.map((method) => `${method} ${pattern}`),
    );
    return [{ function: target, routes }];
  });
}
