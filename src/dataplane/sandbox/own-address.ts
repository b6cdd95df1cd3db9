import type { OwnAddress } from '../../contract/guest-messages.ts';
import { addressOf } from '../../domain/snapshot.ts';

/** Where the gateway is found. */
export interface GatewayPlace {
  /** Where it listens: `http://127.0.0.1:8080`, `http://0.0.0.0:8080`. */
  readonly url: string;
  /** Suffixes under which apps answer: `localhost`, `apps.example.org`. */
  readonly domains: readonly string[];
}

const LOOPBACK = 'localhost';

/**
 * Where a function finds its own app. The base URL is the form that needs no name resolution: inside a sandbox
 * `APP.localhost` may have no address.
 */
export function ownAddress({ url, domains }: GatewayPlace, app: string, environment: string): OwnAddress {
  const { protocol, hostname, port } = new URL(url);
  const name = addressOf(app, environment);
  const everywhere = hostname === '0.0.0.0' || hostname === '[::]';
  const near = everywhere ? '127.0.0.1' : hostname;
  const at = (host: string): string => `${protocol}//${host}${port === '' ? '' : `:${port}`}`;
  const onLoopback = everywhere || near === '127.0.0.1' || near === '[::1]';
  const gateways = [at(near), ...(onLoopback ? [at(LOOPBACK)] : [])];
  const hosts = domains.flatMap((domain) => {
    const host = `${name}.${domain}`;
    // Behind a proxy of the operator's the same name answers at the ports of the web; on loopback that is anybody's.
    return domain === LOOPBACK ? [at(host)] : [at(host), `https://${host}`, `http://${host}`];
  });
  return { url: `${at(near)}/@${name}`, name, gateways, hosts: [...new Set(hosts)] };
}
