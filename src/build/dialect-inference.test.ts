import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseHandler } from './dialect-inference.ts';
import type { ModuleExports } from './module-exports.ts';
import { readVendorCode, type VendorCode } from './vendor-code.ts';

const NO_VENDOR: VendorCode = { dialects: [], registrations: [] };

function exporting(format: 'esm' | 'cjs', names: string, complete = true): ModuleExports {
  return { format, names: new Set(names === '' ? [] : names.split(' ')), complete };
}

/** The choice for a function named `cart`. */
function choose(
  exports: ModuleExports,
  declared: string | null,
  chosen: string | null,
  vendor = NO_VENDOR,
  env: Readonly<Record<string, string>> = {},
) {
  return chooseHandler(
    { exports, vendor, listens: false, topLevel: new Set(['main', 'inner']) },
    declared,
    chosen,
    {
      name: 'cart',
      env,
    },
  );
}

test('inferred: what is certain', () => {
  assert.deepEqual(choose(exporting('esm', 'default'), null, null), {
    dialect: 'fetch',
    export: 'default',
  });
  assert.deepEqual(choose(exporting('esm', 'default handler'), null, null), {
    dialect: 'fetch',
    export: 'default',
  });
  assert.deepEqual(choose(exporting('esm', 'handler other'), null, null), {
    dialect: 'lambda',
    export: 'handler',
  });
  assert.deepEqual(choose(exporting('cjs', 'handler'), null, null), {
    dialect: 'lambda',
    export: 'handler',
  });
  assert.deepEqual(choose(exporting('cjs', 'handler'), null, 'handler'), {
    dialect: 'lambda',
    export: 'handler',
  });
});

test('asked back: what is not', () => {
  const unclear: [ModuleExports, string | null][] = [
    [exporting('esm', 'main other'), null],
    [exporting('esm', 'default handler'), 'handler'],
    [exporting('esm', 'list'), 'list'],
    [exporting('esm', '', false), null],
    [exporting('cjs', 'default', false), null],
    [exporting('cjs', 'handler', false), null],
  ];
  for (const [exports, chosen] of unclear) {
    const answer = choose(exports, null, chosen);
    assert.ok('fault' in answer, `${[...exports.names].join(' ')} ${chosen}`);
    assert.match(answer.fault, /does not tell which dialect/);
    assert.match(answer.suggestion ?? '', /^write "dialect: (fetch|lambda)"/);
  }
});

test('declared: the usual export, or the chosen one', () => {
  const both = exporting('esm', 'default handler other');
  assert.deepEqual(choose(both, 'lambda', null), { dialect: 'lambda', export: 'handler' });
  assert.deepEqual(choose(both, 'event', null), { dialect: 'event', export: 'default' });
  assert.deepEqual(choose(both, 'fetch', 'other.deep'), { dialect: 'fetch', export: 'other.deep' });
  assert.deepEqual(choose(exporting('esm', 'default'), 'lambda', null), {
    dialect: 'lambda',
    export: 'default',
  });
  assert.deepEqual(choose(exporting('cjs', '', false), 'lambda', null), {
    dialect: 'lambda',
    export: 'handler',
  });
});

test('missing exports are told with what there is', () => {
  assert.deepEqual(choose(exporting('esm', 'b a'), 'fetch', 'c'), {
    fault: 'has no export "c"',
    suggestion: 'it exports a, b',
  });
  assert.deepEqual(choose(exporting('esm', 'a'), 'lambda', null), {
    fault: 'has no export "handler" or "default", which dialect "lambda" needs',
    suggestion: 'it exports a',
  });
  assert.deepEqual(choose(exporting('esm', ''), null, null), {
    fault: 'exports nothing',
    suggestion: 'write "export default () => …"',
  });
});

const AZURE = 'import { app } from "@azure/functions";\n';
const GOOGLE = 'const functions = require("@google-cloud/functions-framework");\n';

test("inferred: a vendor's module, and what is registered with it", () => {
  const nothing = exporting('esm', '');
  const one = readVendorCode(`${AZURE}app.http("list", { handler });`);
  assert.deepEqual(choose(nothing, null, null, one), { dialect: 'azure', export: 'list', registered: true });
  const two = readVendorCode(`${AZURE}app.http("list", { handler });\napp.timer("cart", { handler });`);
  assert.deepEqual(choose(nothing, null, null, two), { dialect: 'azure', export: 'cart', registered: true });
  assert.deepEqual(choose(nothing, null, 'list', two), {
    dialect: 'azure',
    export: 'list',
    registered: true,
  });
  assert.deepEqual(choose(nothing, null, 'lost', two), {
    fault: 'neither registers nor exports "lost"',
    suggestion: 'it registers list, cart',
  });
  const others = readVendorCode(`${AZURE}app.http("a", { handler });\napp.http("b", { handler });`);
  assert.deepEqual(choose(nothing, null, null, others), {
    fault: 'registers several functions: a, b',
    suggestion: 'write "handler: FILE#a" (or another) for this function in mayfly.yaml',
  });
});

test("Google's target: a registration or an export", () => {
  const module = exporting('cjs', 'plain other');
  const vendor = readVendorCode(`${GOOGLE}functions.http("hello", f);\nfunctions.cloudEvent("saved", g);`);
  const target = (name: string) => choose(module, 'google', null, vendor, { FUNCTION_TARGET: name });
  assert.deepEqual(target('saved'), { dialect: 'google', export: 'saved', registered: true });
  assert.deepEqual(target('plain'), { dialect: 'google', export: 'plain' });
  assert.deepEqual(choose(module, 'google', 'plain'), { dialect: 'google', export: 'plain' });
  assert.deepEqual(choose(exporting('cjs', 'cart x'), 'google', null), { dialect: 'google', export: 'cart' });
});

test('two vendors in one file are asked back', () => {
  const answer = choose(exporting('esm', 'default'), null, null, readVendorCode(AZURE + GOOGLE));
  assert.ok('fault' in answer);
  assert.match(answer.fault, /several vendors: azure, google/);
  assert.match(answer.suggestion ?? '', /^write "dialect: azure"/);
});

test("AWS's global decides for lambda", () => {
  const vendor = readVendorCode('export const run = awslambda.streamifyResponse(async () => {});');
  assert.deepEqual(choose(exporting('esm', 'run default'), null, 'run', vendor), {
    dialect: 'lambda',
    export: 'run',
  });
});

test("OpenWhisk's functions need not be exported", () => {
  const bare = exporting('cjs', '');
  assert.deepEqual(choose(bare, 'openwhisk', null), {
    dialect: 'openwhisk',
    export: 'main',
    unexported: true,
  });
  assert.deepEqual(choose(bare, 'openwhisk', 'inner'), {
    dialect: 'openwhisk',
    export: 'inner',
    unexported: true,
  });
  assert.deepEqual(choose(exporting('cjs', 'main'), 'openwhisk', null), {
    dialect: 'openwhisk',
    export: 'main',
  });
  assert.ok('fault' in choose(bare, 'tencent', null));
});

test('exports that a dialect looks at besides the handler are passed on', () => {
  assert.deepEqual(choose(exporting('esm', 'handler initContext other'), 'nuclio', null), {
    dialect: 'nuclio',
    export: 'handler',
    companions: ['initContext'],
  });
  assert.deepEqual(choose(exporting('esm', 'handler'), 'nuclio', null), {
    dialect: 'nuclio',
    export: 'handler',
  });
  assert.deepEqual(choose(exporting('cjs', 'default', false), 'nuclio', 'handler'), {
    dialect: 'nuclio',
    export: 'handler',
    companions: ['initContext'],
  });
});
