import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalRequest } from './canonical-request.ts';
import { sha256Hex, signatureOf } from './signature.ts';
import { SignatureVerifier } from './signature-verifier.ts';
import type { SignedRequest } from './signed-request.ts';

const KEY = 'AKIDEXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const SCOPE = { day: '20150830', region: 'us-east-1', service: 'service' };
const TIMESTAMP = '20150830T123600Z';
const NOW = Date.UTC(2015, 7, 30, 12, 36, 0);
const owner = { secretAccessKey: SECRET, principal: 'somebody' };

const verifierAt = (wall: number) =>
  new SignatureVerifier<string>(
    { find: async (id) => (id === KEY ? owner : null) },
    { now: () => 0, wall: () => wall },
  );

/** A request with a signature of the Authorization header. */
function withHeader(
  request: SignedRequest,
  signedHeaders: readonly string[],
  signature: string,
): SignedRequest {
  const value = `AWS4-HMAC-SHA256 Credential=${KEY}/${SCOPE.day}/${SCOPE.region}/${SCOPE.service}/aws4_request, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`;
  return { ...request, headers: [...request.headers, 'Authorization', value] };
}

function signed(request: SignedRequest, timestamp = TIMESTAMP): SignedRequest {
  const dated = { ...request, headers: [...request.headers, 'X-Amz-Date', timestamp] };
  const names = new Set(dated.headers.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase()));
  const signedHeaders = [...names].sort();
  const payloadHash = request.bodySha256;
  const canonical = canonicalRequest(dated, { signedHeaders, payloadHash, rawPath: false });
  return withHeader(dated, signedHeaders, signatureOf(canonical, SECRET, timestamp, SCOPE));
}

type Given = Partial<SignedRequest> & { readonly body?: Uint8Array };
const request = ({ body = new Uint8Array(), ...given }: Given = {}): SignedRequest => ({
  method: 'GET',
  target: '/',
  headers: ['Host', 'example.amazonaws.com'],
  bodySha256: sha256Hex(body),
  ...given,
});

/** Of AWS's public test suite for Signature Version 4. */
const PUBLISHED: readonly (readonly [string, Given, string, string])[] = [
  ['get-vanilla', {}, 'host;x-amz-date', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  [
    'get-vanilla-query-order-key-case',
    { target: '/?Param2=value2&Param1=value1' },
    'host;x-amz-date',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'get-vanilla-utf8-query',
    { target: '/?ሴ=bar' },
    'host;x-amz-date',
    '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
  ],
  [
    'get-utf8',
    { target: '/ሴ' },
    'host;x-amz-date',
    '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85',
  ],
  [
    'get-slash-dot-slash',
    { target: '/./' },
    'host;x-amz-date',
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  ],
  [
    'get-relative-relative',
    { target: '/example1/example2/../..' },
    'host;x-amz-date',
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  ],
  [
    'post-vanilla',
    { method: 'POST' },
    'host;x-amz-date',
    '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  ],
  [
    'post-x-www-form-urlencoded',
    {
      method: 'POST',
      headers: ['Content-Type', 'application/x-www-form-urlencoded', 'Host', 'example.amazonaws.com'],
      body: Buffer.from('Param1=value1'),
    },
    'content-type;host;x-amz-date',
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
  [
    'get-header-key-duplicate',
    {
      headers: [
        'Host',
        'example.amazonaws.com',
        'My-Header1',
        'value2',
        'My-Header1',
        'value2',
        'My-Header1',
        'value1',
      ],
    },
    'host;my-header1;x-amz-date',
    'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
  ],
  [
    'get-header-value-trim',
    { headers: ['Host', 'example.amazonaws.com', 'My-Header1', ' value1', 'My-Header2', ' "a   b   c"'] },
    'host;my-header1;my-header2;x-amz-date',
    'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  ],
];

describe('SignatureVerifier', () => {
  for (const [name, given, names, signature] of PUBLISHED) {
    it(`accepts ${name} of the published test suite`, async () => {
      const plain = request(given);
      const dated = { ...plain, headers: [...plain.headers, 'X-Amz-Date', TIMESTAMP] };
      const verified = await verifierAt(NOW).verify(withHeader(dated, names.split(';'), signature));
      assert.deepEqual(verified, { principal: 'somebody', region: 'us-east-1', service: 'service' });
    });
  }

  it('a body that is not what was signed is refused, whenever its hash is known', async () => {
    const verifier = verifierAt(NOW);
    const body = Buffer.from('{}');
    const hash = sha256Hex(body);
    for (const headers of [
      ['Host', 'h'],
      ['Host', 'h', 'X-Amz-Content-Sha256', hash],
    ]) {
      const whole = signed(request({ method: 'POST', headers, body }));
      const admitted = await verifier.admit(whole);
      assert.equal(admitted.verify(hash).principal, 'somebody');
      assert.throws(() => admitted.verify('0'.repeat(64)), { type: 'InvalidSignatureException' });
    }
    const claiming = signed(request({ headers: ['Host', 'h', 'X-Amz-Content-Sha256', hash], body }));
    const forged = { ...claiming, target: '/elsewhere' };
    await assert.rejects(
      verifier.admit(forged),
      { type: 'InvalidSignatureException' },
      'before its body is read',
    );
  });

  it('whatever is changed of a signed request, the signature no longer fits', async () => {
    const text = fc.stringMatching(/^[a-z0-9 %&=+/é-]{1,12}$/);
    const path = text.map((value) => `/${encodeURIComponent(value)}`);
    const whole = fc.record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
      target: fc.tuple(path, text).map(([at, value]) => `${at}?q=${encodeURIComponent(value)}`),
      header: text,
      body: text,
    });
    const made = ({
      method,
      target,
      header,
      body,
    }: {
      method: string;
      target: string;
      header: string;
      body: string;
    }) =>
      request({
        method,
        target,
        headers: ['Host', 'h', 'X-Amz-Meta', `m${header}`],
        body: Buffer.from(body),
      });
    await fc.assert(
      fc.asyncProperty(whole, fc.constantFrom('method', 'target', 'header', 'body'), async (one, part) => {
        const verifier = verifierAt(NOW);
        const original = signed(made(one));
        assert.equal((await verifier.verify(original)).principal, 'somebody');
        const value = part === 'method' ? 'PATCH' : part === 'target' ? `${one.target}x` : `${one[part]}x`;
        const other = made({ ...one, [part]: value });
        const authorization = original.headers.slice(-4);
        const changed = { ...other, headers: [...other.headers, ...authorization] };
        await assert.rejects(verifier.verify(changed), { type: 'InvalidSignatureException', status: 403 });
      }),
    );
  });

  it('knows nothing of what is not signed, or by nobody', async () => {
    const verify = (one: SignedRequest, at = NOW) => verifierAt(at).verify(one);
    await assert.rejects(verify(request()), { type: 'MissingAuthenticationTokenException', status: 403 });
    const garbled = request({ headers: ['Host', 'h', 'Authorization', 'AWS4-HMAC-SHA256 Credential=a'] });
    await assert.rejects(verify(garbled), { type: 'IncompleteSignatureException', status: 400 });
    const bearer = request({ headers: ['Host', 'h', 'Authorization', 'Bearer x'] });
    await assert.rejects(verify(bearer), { type: 'IncompleteSignatureException' });
    const good = signed(request());
    const stranger = good.headers.map((value) => value.replace(KEY, 'AKIDOTHER'));
    await assert.rejects(verify({ ...good, headers: stranger }), { type: 'UnrecognizedClientException' });
    const unsigned = { ...good, headers: [...good.headers, 'X-Amz-Invocation-Type', 'Event'] };
    await assert.rejects(verify(unsigned), {
      type: 'InvalidSignatureException',
      message: /'x-amz-invocation-type' must be a 'SignedHeader'/,
    });
  });

  it('a signature is good for five minutes, either way, and for its own day', async () => {
    const good = signed(request());
    for (const minutes of [-5, 0, 5]) await verifierAt(NOW + minutes * 60_000).verify(good);
    await assert.rejects(verifierAt(NOW + 301_000).verify(good), {
      type: 'InvalidSignatureException',
      message:
        'Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)',
    });
    await assert.rejects(verifierAt(NOW - 301_000).verify(good), { message: /^Signature not yet current/ });
    const nextDay = signed(request(), '20150831T000000Z');
    await assert.rejects(verifierAt(NOW).verify(nextDay), { message: /^Date in Credential scope/ });
  });

  it('a presigned address is good for as long as it says, with a body that nobody signed where it says so', async () => {
    const presigned = (expires: string): SignedRequest => {
      const parameters = new URLSearchParams({
        'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
        'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD',
        'X-Amz-Credential': `${KEY}/20150830/us-east-1/service/aws4_request`,
        'X-Amz-Date': TIMESTAMP,
        'X-Amz-Expires': expires,
        'X-Amz-SignedHeaders': 'host',
      });
      const unsigned = request({ target: `/x?${parameters}`, body: Buffer.from('any') });
      const coverage = { signedHeaders: ['host'], payloadHash: 'UNSIGNED-PAYLOAD', rawPath: false };
      const signature = signatureOf(canonicalRequest(unsigned, coverage), SECRET, TIMESTAMP, SCOPE);
      return { ...unsigned, target: `${unsigned.target}&X-Amz-Signature=${signature}` };
    };
    const hour = presigned('3600');
    await verifierAt(NOW + 3_600_000).verify(hour);
    await assert.rejects(verifierAt(NOW + 3_601_000).verify(hour), { message: /^Signature expired/ });
    await assert.rejects(verifierAt(NOW).verify({ ...hour, target: hour.target.replace('3600', '3601') }), {
      type: 'InvalidSignatureException',
    });
    for (const wrong of ['0', '-1', '604801', 'soon'])
      await assert.rejects(verifierAt(NOW).verify(presigned(wrong)), {
        type: 'IncompleteSignatureException',
      });
  });
});
