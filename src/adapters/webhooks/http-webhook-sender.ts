import { lookup } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { OutgoingWebhook, WebhookSender } from '../../ports/webhook-sender.ts';

const TIMEOUT_MS = 10_000;

/** Link-local addresses, and those by which clouds serve credentials to whoever asks from inside. */
const REFUSED = new BlockList();
REFUSED.addSubnet('169.254.0.0', 16, 'ipv4');
REFUSED.addSubnet('fe80::', 10, 'ipv6');
REFUSED.addAddress('fd00:ec2::254', 'ipv6');
REFUSED.addAddress('100.100.100.200', 'ipv4');

/** Checked where the connection is made: a name that was checked earlier could lead elsewhere by then. */
const guardedLookup: LookupFunction = (hostname, options, done) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return done(error, '', 0);
    const allowed = addresses.filter(({ address }) => !isRefused(address));
    const [first] = allowed;
    if (first === undefined) return done(new Error(`${hostname} leads to a refused address`), '', 0);
    if (options.all === true) return done(null, allowed);
    return done(null, first.address, first.family);
  });
};

export class HttpWebhookSender implements WebhookSender {
  post({ url, headers, body }: OutgoingWebhook): Promise<number> {
    const target = new URL(url);
    const host = target.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && isRefused(host)) return Promise.reject(new Error(`${host} is a refused address`));
    const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const outgoing = send(target, {
        method: 'POST',
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
        agent: false,
        lookup: guardedLookup,
        signal,
      });
      outgoing.once('response', (answer) => {
        resolve(answer.statusCode ?? 0);
        answer.destroy();
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) =>
        reject(
          new Error(
            signal.aborted ? `no answer within ${TIMEOUT_MS / 1000} s` : (error.code ?? error.message),
          ),
        ),
      );
      outgoing.end(body);
    });
  }
}

function isRefused(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return REFUSED.check(mapped, 'ipv4');
  return REFUSED.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
