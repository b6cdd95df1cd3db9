import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { addressOf } from '../../../domain/snapshot.ts';
import { checkRouting, versionFor } from './alias-routing.ts';
import { locateHandler } from './handler-location.ts';
import { environmentOf, lambdaAppOf } from './lambda-app.ts';
import { Arns, readFunctionName } from './names.ts';
import { pageOf } from './pages.ts';
import { traceparentOf } from './trace-header.ts';

const NAME = fc.stringMatching(/^[a-zA-Z0-9-_]{1,64}$/);

it('reads a name however it is said', () => {
  const arn = new Arns('eu-west-1').function('f_1', 'live');
  assert.deepEqual(readFunctionName(arn), { name: 'f_1', qualifier: 'live' });
  assert.deepEqual(readFunctionName('000000000000:function:f_1'), { name: 'f_1', qualifier: null });
  assert.deepEqual(readFunctionName('f_1:$LATEST'), { name: 'f_1', qualifier: '$LATEST' });
  assert.deepEqual(readFunctionName('f_1:2', '2'), { name: 'f_1', qualifier: '2' });
});

it('every name has an app of its own, which a host label can carry with any version', () => {
  assert.equal(lambdaAppOf('hello-world'), 'lambda-hello-world');
  fc.assert(
    fc.property(NAME, NAME, fc.nat(99_999_999), (one, other, version) => {
      const app = lambdaAppOf(one);
      assert.match(addressOf(app, environmentOf(version)), /^(?=.{1,63}$)lambda-[a-z0-9-]*[a-z0-9]$/);
      assert.ok(!app.includes('--'));
      assert.equal(app === lambdaAppOf(other), one === other);
    }),
  );
});

it('pages follow each other without a gap, whatever their sizes', () => {
  const names = fc.uniqueArray(NAME, { maxLength: 30 }).map((all) => all.sort());
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 7 }), (all, MaxItems) => {
      const seen: string[] = [];
      let Marker: string | undefined;
      do {
        const page = pageOf(all, (name) => name, { MaxItems, ...(Marker === undefined ? {} : { Marker }) });
        assert.ok(page.items.length <= MaxItems);
        seen.push(...page.items);
        Marker = page.next.NextMarker;
      } while (Marker !== undefined);
      assert.deepEqual(seen, all);
    }),
  );
});

it('an alias gives each version its share', () => {
  const routing = checkRouting(1, { 2: 0.25 });
  const alias = { function: 'f', name: 'a', revision: '', description: '', version: 1, routing };
  const got = Array.from({ length: 100 }, (_, at) => versionFor(alias, at / 100));
  assert.deepEqual(
    [got.filter((version) => version === 2).length, got.filter((version) => version === 1).length],
    [25, 75],
  );
  assert.equal(versionFor({ ...alias, routing: { 2: 1 } }, 0.999), 2);
  assert.equal(versionFor({ ...alias, routing: { 2: 0 } }, 0), 1);
});

it('finds handlers as the runtimes of AWS do', () => {
  const find = (handler: string, language: 'javascript' | 'python' | null, ...files: string[]) => {
    const found = locateHandler(handler, language, (path) => files.includes(path));
    return found === null ? null : `${found.file} ${found.export}`;
  };
  assert.equal(find('index.handler', 'javascript', 'index.mjs'), 'index.mjs handler');
  assert.equal(find('./src/a.b/index.one.two', 'javascript', 'src/a.b/index.js'), 'src/a.b/index.js one.two');
  assert.equal(find('app.main.handler', 'python', 'app/main.py'), 'app/main.py handler');
  assert.equal(find('app/main.handler', 'python', 'app/main/__init__.py'), 'app/main/__init__.py handler');
  assert.equal(find('any.thing', null, 'bootstrap'), 'bootstrap any.thing');
  for (const wrong of ['index', '.handler', 'index.', ''])
    assert.equal(find(wrong, 'javascript', 'index.js', '.js'), null);
  assert.equal(find('index.handler', null, 'index.js'), null);
});

it('a trace of X-Ray goes on as one of W3C', () => {
  const header = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
  assert.equal(traceparentOf(header), '00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01');
  assert.equal(traceparentOf('Root=1-5759e988-bd862e3fe1be46a994272793'), null);
  assert.equal(traceparentOf(undefined), null);
});
