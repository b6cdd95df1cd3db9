import { createServer } from 'node:net';
import { PORT_ATTEMPTS_MAX, PORTS } from '../limits.ts';
import type { Network } from '../network.ts';

/** What a server gets where it has a network of its own. */
const OWN_PORT = 8080;

/**
 * A port for the author's server. Where the machine's network is shared: one that is free now, by chance, so that two sandboxes
 * hardly ever choose the same; who loses cannot listen, and its instance fails.
 */
export async function choosePort(network: Network): Promise<number> {
  if (network.own) return OWN_PORT;
  for (let attempt = 0; attempt < PORT_ATTEMPTS_MAX; attempt += 1) {
    const port = PORTS.first + Math.floor(Math.random() * (PORTS.last - PORTS.first));
    if (await isFree(port)) return port;
  }
  throw new Error('No port is free for the server.');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
