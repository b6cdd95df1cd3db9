import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { LISTEN_LOOK_MS_MAX, LISTEN_LOOK_MS_MIN } from '../limits.ts';
import type { Network } from '../network.ts';

const LOOPBACKS = ['127.0.0.1', '::1'] as const;

/** The port was taken by somebody else before the server could. */
class PortTaken extends Error {
  override readonly name = 'Runtime.PortTaken';
}

/**
 * Waits until the port answers; the init time-out ends it if it never does.
 * @param going whether the server still runs; when it ends, that is told elsewhere
 */
export async function listening(
  port: number,
  network: Network,
  going: () => boolean,
): Promise<{ readonly address: string; readonly everywhere: boolean }> {
  for (let pauseMs = LISTEN_LOOK_MS_MIN; going(); pauseMs = Math.min(2 * pauseMs, LISTEN_LOOK_MS_MAX)) {
    for (const address of LOOPBACKS) {
      if (!(await answers(address, port))) continue;
      const listener = await network.listener(port);
      if (listener?.ours === false)
        throw new PortTaken(`Port ${port} was taken by another process of the machine.`);
      return { address, everywhere: listener?.everywhere ?? false };
    }
    await sleep(pauseMs);
  }
  return new Promise(() => undefined);
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
