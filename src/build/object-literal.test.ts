import assert from 'node:assert/strict';
import { test } from 'node:test';
import { azureRoutes } from './azure-routes.ts';
import { readObjectLiteral } from './object-literal.ts';
import { readVendorCode } from './vendor-code.ts';

test('what is written out is read, what is not is left out', () => {
  const text = `{
    route: "a/{b?}",
    "odd-key": -1.5,
    methods: ["GET", "POST"],
    nested: { deep: [{ x: null }, true], made: make() },
    handler: async (request, { a, b }) => ({ body: "}, x: 1" }),
    computed: 1 + 2,
    template: \`x\`,
    shorthand,
    method(x) {
      return { y: 1 };
    },
    ...spread,
    last: "\\"end\\\\"
  }, more`;
  assert.deepEqual(readObjectLiteral(text, 0), {
    route: 'a/{b?}',
    'odd-key': -1.5,
    methods: ['GET', 'POST'],
    nested: { deep: [{ x: null }, true] },
    last: '"end\\',
  });
  assert.equal(readObjectLiteral('handler', 0), null);
  assert.deepEqual(readObjectLiteral('{}', 0), {});
});

test('a registration has the options that are written out', () => {
  const { registrations } = readVendorCode(`import { app as azure } from "@azure/functions";
azure.http("list", {
  methods: ["GET"],
  authLevel: "anonymous",
  route: "items/{id}",
  handler: list
});
azure.timer("tick", { schedule: "0 */5 * * * *", handler: () => {
} });
azure.get("short", async () => ({ body: request.headers.get("x", 1) }));
other.http("no", {});
`);
  assert.deepEqual(registrations, [
    {
      kind: 'http',
      name: 'list',
      options: { methods: ['GET'], authLevel: 'anonymous', route: 'items/{id}' },
      members: ['methods', 'authLevel', 'route', 'handler'],
    },
    {
      kind: 'timer',
      name: 'tick',
      options: { schedule: '0 */5 * * * *' },
      members: ['schedule', 'handler'],
    },
    { kind: 'get', name: 'short', options: {}, members: [] },
  ]);
});

test("Azure's routes as Mayfly's patterns", () => {
  assert.deepEqual(azureRoutes('items/{id:int}', 'api'), ['/api/items/:id']);
  assert.deepEqual(azureRoutes('items/{id?}', 'api'), ['/api/items/:id', '/api/items']);
  assert.deepEqual(azureRoutes('{a?}/{b?}', ''), ['/:a/:b', '/:a', '/']);
  assert.deepEqual(azureRoutes('files/{*path}', 'api'), ['/api/files/*', '/api/files']);
  assert.deepEqual(azureRoutes('', ''), ['/']);
  assert.match(azureRoutes('a{b}', 'api') as string, /mixes text and parameters/);
});
