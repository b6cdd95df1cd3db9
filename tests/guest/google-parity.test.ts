import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { GuestDriver } from './guest-driver.ts';

/** One function for both: tells all that it sees of a request, or answers in the way that the path names. */
const FUNCTION = `
const see = (req) => ({
  method: req.method, url: req.url, path: req.path, query: req.query, body: Buffer.isBuffer(req.body) ? [...req.body] : (req.body ?? {}),
  raw: req.rawBody === undefined ? null : [...req.rawBody], header: req.get('X-One'), referrer: req.header('Referrer'), hostname: req.hostname,
  protocol: req.protocol, secure: req.secure, ip: req.ip, ips: req.ips, subdomains: req.subdomains, xhr: req.xhr, fresh: req.fresh, originalUrl: req.originalUrl,
  is: ['json', 'html', 'text/*', '*/json', '+json', 'urlencoded', 'multipart', 'application/octet-stream'].map((type) => req.is(type)), isAny: req.is('image/*', 'json', 'text'),
  types: [req.accepts(), req.accepts('json'), req.accepts(['html', 'json']), req.accepts('text/plain', 'png'), req.accepts('application/json', 'text/html', 'image/*')],
  encodings: [req.acceptsEncodings(), req.acceptsEncodings('gzip'), req.acceptsEncodings('identity', 'br', 'gzip')],
  charsets: [req.acceptsCharsets('utf-8'), req.acceptsCharsets('utf-8', 'iso-8859-1')],
  languages: [req.acceptsLanguages(), req.acceptsLanguages('en'), req.acceptsLanguages('de', 'en-GB', 'fr')],
  range: req.range && [req.range(100), req.range(10, { combine: true })],
});
const ways = {
  json: (req, res) => res.json({ a: [1, null, 'ä'] }),
  null: (req, res) => res.send(null),
  nothing: (req, res) => res.send(),
  number: (req, res) => res.send(7),
  boolean: (req, res) => res.send(false),
  text: (req, res) => res.send('täxt'),
  latin: (req, res) => res.set('Content-Type', 'text/plain; charset=latin1').send('ä'),
  bytes: (req, res) => res.send(Buffer.from([0, 255])),
  view: (req, res) => res.type('image/png').send(new Uint8Array([1, 2])),
  created: (req, res) => res.status(201).set({ 'X-A': 1, 'X-B': ['b', 'c'] }).append('X-B', 'd').append('X-C', ['e']).end('done'),
  empty: (req, res) => res.status(204).send('dropped'),
  reset: (req, res) => res.status(205).send('dropped'),
  modified: (req, res) => res.set('ETag', 'W/"x"').set('Last-Modified', 'Mon, 05 Jan 2026 00:00:00 GMT').send('body'),
  teapot: (req, res) => res.sendStatus(418),
  odd: (req, res) => res.sendStatus(599),
  types: (req, res) => { const seen = ['html', '.html', 'json', 'png', 'txt', 'svg', 'js', 'css', 'bin', 'mp4', 'woff2', 'text/plain', 'application/json', 'text/csv; header=present', 'csv', 'xml', 'zip', 'pdf', 'md', 'ico', 'wasm', 'yaml'].map((type) => { res.type(type); return res.get('Content-Type'); }); res.json(seen); },
  redirect: (req, res) => res.redirect('/näxt place?a=%20b&c="d"'),
  moved: (req, res) => res.redirect(301, 'https://example.com/<x>'),
  location: (req, res) => res.location('/a b').end(),
  format: (req, res) => res.format({ text: () => res.send('plain'), html: () => res.send('<p>'), json: () => res.json({}) }),
  attachment: (req, res) => res.attachment('dir/a file.pdf').send('x'),
  unnamed: (req, res) => res.attachment().send('x'),
  vary: (req, res) => res.vary('Origin').vary(['Accept', 'origin']).end(),
  links: (req, res) => res.links({ next: '/2', last: '/9' }).links({ prev: '/0' }).end(),
  cookies: (req, res) => res.cookie('a', 'b c').cookie('o', { x: 1 }, { path: '/p', domain: 'example.com', secure: true, httpOnly: true, sameSite: 'none', priority: 'high', partitioned: true }).cookie('s', '1', { sameSite: true, expires: new Date(0) }).clearCookie('gone', { path: '/q' }).end(),
  jsonp: (req, res) => res.jsonp({ a: '\\u2028' }),
  head: (req, res) => { res.writeHead(202, { 'X-A': ['1', '2'], 'Content-Type': 'text/html' }); res.write('one'); res.end('two'); },
  raw: (req, res) => { res.statusCode = 203; res.setHeader('Set-Cookie', ['a=1', 'b=2']); res.write(Buffer.from('x')); res.end(); },
  flushed: (req, res) => { res.flushHeaders(); res.end('late'); },
  piped: (req, res) => require('node:stream').Readable.from(['a', 'b', 'c']).pipe(res),
  see: (req, res) => res.json(see(req)),
};
module.exports = (req, res) => (ways[req.path.slice(1)] ?? ways.see)(req, res);
module.exports.ways = Object.keys(ways);
`;

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Told {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
}

/** Of the connection, or of the moment. */
const PASSING = /^(?:connection|keep-alive|date|transfer-encoding)$/;

describe("what Google's framework and Express give, this gives", () => {
  let folder: string;
  let server: Server;
  let guest: GuestDriver;
  let ways: readonly string[];
  const load = createRequire(import.meta.url);

  before(async () => {
    // Else Express prints the errors that it answers with.
    process.env.NODE_ENV = 'test';
    folder = await mkdtemp(join(tmpdir(), 'mayfly-parity-'));
    await writeFile(join(folder, 'function.cjs'), FUNCTION);
    const handle = load(join(folder, 'function.cjs'));
    ways = handle.ways;
    load('@google-cloud/functions-framework').http('parity', handle);
    server = load('@google-cloud/functions-framework/testing').getTestServer('parity');
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    guest = await GuestDriver.load(
      { 'function.cjs': FUNCTION },
      { dialect: 'google', handler: { file: 'function.cjs', export: 'default' } },
    );
  });
  after(async () => {
    server.close();
    await guest[Symbol.asyncDispose]();
    await GuestDriver.clean();
    await rm(folder, { recursive: true });
  });

  const theirs = (asked: Asked): Promise<Told> =>
    new Promise((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      const { method, path, headers } = asked;
      const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () =>
          resolve({
            status: answer.statusCode!,
            headers: sorted(answer.rawHeaders),
            body: Buffer.concat(parts).toString('latin1'),
          }),
        );
      });
      sent.on('error', reject);
      sent.end(asked.body);
    });

  const ours = async ({ method, path, headers, body }: Asked): Promise<Told> => {
    const { host, ...rest } = headers;
    const answer = await guest.invoke({
      http: {
        method,
        url: `http://${host}${path}`,
        headers: ['host', host!, ...Object.entries(rest).flat()],
        remoteAddress: '127.0.0.1',
      },
      body,
    });
    assert.equal(answer.failure, null);
    return { status: answer.status, headers: sorted(answer.headers), body: answer.body.toString('latin1') };
  };

  const compare = async (asked: Asked): Promise<void> => {
    assert.deepEqual(await ours(asked), await theirs(asked), JSON.stringify(asked));
  };
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Asked => ({
    method,
    path,
    headers: { host: 'a.b.example.com:80', ...headers },
    body: '',
  });

  test('every way of answering', async () => {
    for (const way of ways.filter((name) => name !== 'see')) {
      await compare(get(`/${way}?callback=a.b[0]("x")`));
      await compare(get(`/${way}`, { accept: 'text/html, application/json;q=0.5' }, 'HEAD'));
      const conditions = {
        'if-none-match': '"y", "x"',
        'if-modified-since': 'Tue, 06 Jan 2026 00:00:00 GMT',
      };
      await compare(get(`/${way}`, { accept: 'application/json', ...conditions }));
    }
  });

  const header = (...values: string[]) => fc.constantFrom(...values);
  const lists = (...values: string[]) =>
    fc
      .array(
        fc.tuple(fc.constantFrom(...values), fc.constantFrom('', ';q=0', ';q=0.5', ';q=0.9', '; q=1.0')),
        {
          minLength: 1,
          maxLength: 4,
        },
      )
      .map((list) => list.map((entry) => entry.join('')).join(', '));
  const types = lists('*/*', 'text/*', 'application/json', 'text/html', 'image/png', 'image/*', 'text/plain');
  const headers = fc.record(
    {
      accept: types,
      'accept-encoding': lists('gzip', 'br', '*', 'identity', 'deflate'),
      'accept-charset': lists('utf-8', 'iso-8859-1', '*'),
      'accept-language': lists('en', 'en-GB', 'de', 'de-CH', '*', 'fr'),
      'x-one': header('1', 'two'),
      referer: header('http://r/'),
      'x-forwarded-proto': header('https', 'https,http'),
      'x-forwarded-for': header('192.0.2.1', '192.0.2.1, 192.0.2.2'),
      'x-forwarded-host': header('other.example.com', 'c.d.example.org:8080, x'),
      'x-requested-with': header('XMLHttpRequest', 'x'),
      range: header('bytes=0-5', 'bytes=50-, -7', 'bytes=0-4,90-99,3-10', 'items=1-2', 'bytes=900-', 'odd'),
    },
    { requiredKeys: [] },
  );

  test('everything that a request tells', async () => {
    const query = header('', '?a=1', '?a=1&a=2&b[c]=3&d', '?x=%20%zz&y=%C3%A4', '?__proto__=1');
    await fc.assert(
      fc.asyncProperty(headers, query, async (given, search) => {
        await compare(get(`/see${search}`, given as Record<string, string>));
      }),
      { numRuns: 100 },
    );
  });

  test('every kind of body', async () => {
    const bodies: [type: string, body: string][] = [
      ['application/json', '{"a":{"b":[1,"ä"]}}'],
      ['application/json; charset=utf-8', ' [1]'],
      ['application/cloudevents+json', '{"a":1}'],
      ['application/json', '{"a"'],
      ['application/json', '"text"'],
      ['text/plain', 'täxt'],
      ['text/html', '<p>'],
      [
        'application/x-www-form-urlencoded',
        'a=1&a=2&b[c]=3&b[d][e]=4&l[]=5&l[]=6&n[1]=x&n[0]=y&f=%C3%A4+b&g',
      ],
      ['application/x-www-form-urlencoded', 'a[b][c][d][e][f][g][h]=1&m=1&m[]=2&__proto__[x]=1&q[9]=x'],
      ['application/octet-stream', 'ä'],
      ['multipart/form-data; boundary=x', '--x--'],
    ];
    for (const [type, body] of bodies) {
      const length = String(Buffer.byteLength(body));
      const asked: Asked = {
        ...get('/see', { 'content-type': type, 'content-length': length }, 'POST'),
        body,
      };
      const [mine, real] = [await ours(asked), await theirs(asked)];
      assert.equal(mine.status, real.status, `${type} ${body}`);
      if (real.status === 200)
        assert.deepEqual(JSON.parse(mine.body), JSON.parse(real.body), `${type} ${body}`);
    }
  });
});

/** `name: value`, in the order of names. */
function sorted(headers: readonly string[]): string[] {
  const lines: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!.toLowerCase();
    if (!PASSING.test(name)) lines.push(`${name}: ${headers[at + 1]}`);
  }
  return lines.sort();
}
