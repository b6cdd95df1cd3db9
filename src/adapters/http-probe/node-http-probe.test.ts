import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { httpProbeConformance } from '../../ports/http-probe.conformance.ts';
import { NodeHttpProbe } from './node-http-probe.ts';

httpProbeConformance('node:http', async (body) => {
  const server = createServer((req, res) => void answer(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await body(new NodeHttpProbe(), { url, nowhere: `http://127.0.0.1:${await freePort()}/` });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { method, url = '', headers } = req;
  const [path = ''] = url.split('?');
  const status = /^\/status\/(\d+)$/.exec(path)?.[1];
  if (status !== undefined) {
    res.writeHead(Number(status), status === '302' ? { location: '/echo' } : {}).end(status);
  } else if (path === '/echo') {
    const body = await text(req);
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ method, url, headers, body }));
  } else if (path === '/endless') {
    const more = (): void => {
      while (!res.destroyed && res.write('ö'.repeat(10_000)));
    };
    res.on('drain', more);
    more();
  } else if (path === '/dripping') {
    const timer = setInterval(() => res.write('.'), 10);
    res.on('close', () => clearInterval(timer));
  } else if (path === '/half') {
    res.writeHead(200, { 'content-length': 10 });
    res.write('half', () => res.destroy());
  } else if (path === '/hangs-up') {
    res.destroy();
  }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createSocketServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
