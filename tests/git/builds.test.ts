import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { TestNode } from '../harness/test-node.ts';
import { Author } from './author.ts';

/** What a build may see of the platform and the machine; printed by the tests of a pushed app. */
const PROBE = `
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { greeting } from 'greeting';
const tried = (act) => { try { return String(act()); } catch (error) { return error.code; } };
const say = (name, value) => console.log('SEEN', name, JSON.stringify(value));
say('dependency', greeting);
say('variables', Object.keys(process.env).filter((name) => /MAYFLY|TOKEN|SECRET|AWS/i.test(name)));
say('token', tried(() => readFileSync(process.argv[2] + '/operator-token', 'utf8').length));
say('data', tried(() => readdirSync(process.argv[2]).length));
say('root', process.getuid());
say('processes', readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).length < 10);
say('usr', tried(() => writeFileSync('/usr/mayfly-was-here', '')));
say('shadow', tried(() => readFileSync('/etc/shadow', 'utf8').length));
say('here', tried(() => writeFileSync('written', '')));
`;

describe('the build of a push', { concurrency: false }, () => {
  let node: TestNode;
  let author: Author;

  before(async () => {
    process.env.MAYFLY_TEST_TOKEN = 'of the platform';
    node = await TestNode.start({ buildTimeoutMs: '8s' });
    author = await Author.start(join(node.folder, 'clone'));
    await node.client.put('/v1/apps/shop/repository', {});
    const url = new URL('/v1/apps/shop/git', node.controlUrl);
    [url.username, url.password] = ['mayfly', node.token];
    await author.git('remote', 'add', 'mayfly', url.href);
    await author.commit({
      'mayfly.yaml': 'name: shop\n',
      'functions/hello.ts': "import { greeting } from 'greeting';\nexport default () => greeting;\n",
      'vendor/greeting/package.json': JSON.stringify({
        name: 'greeting',
        version: '1.0.0',
        main: 'index.js',
      }),
      'vendor/greeting/index.js': "exports.greeting = 'hello from a package';\n",
      'probe.mjs': PROBE,
      'package.json': JSON.stringify({
        name: 'shop',
        private: true,
        dependencies: { greeting: 'file:vendor/greeting' },
        scripts: { test: `node probe.mjs ${node.node.dataDir}` },
      }),
    });
  });
  after(async () => {
    delete process.env.MAYFLY_TEST_TOKEN;
    await node.close();
  });

  it('installs packages, and sees nothing of the platform', async () => {
    const { stderr } = await author.git('push', 'mayfly', 'main');
    const seen = Object.fromEntries(
      [...stderr.matchAll(/SEEN (\w+) (.+?) *$/gm)].map(([, name, value]) => [name, JSON.parse(value!)]),
    );
    const { root, data, ...rest } = seen as Record<string, unknown>;
    assert.deepEqual(rest, {
      dependency: 'hello from a package',
      variables: [],
      token: 'ENOENT',
      processes: true,
      usr: 'EROFS',
      shadow: 'ENOENT',
      here: 'undefined',
    });
    assert.equal(data, 'ENOENT');
    assert.notEqual(root, 0);
    assert.equal((await node.ask('/@shop/hello')).text, 'hello from a package');
  });

  it('ends when a step takes too long, and with it whatever the step started', async () => {
    await author.commit({
      'package.json': JSON.stringify({ name: 'shop', scripts: { test: 'sleep 1000 & sleep 1000' } }),
      'functions/hello.ts': "export default () => 'late';\n",
    });
    const { code, stderr } = await author.tryGit('push', 'mayfly', 'main');
    assert.notEqual(code, 0);
    assert.match(stderr, /"npm test" took longer than 8 s/);
    assert.equal((await node.ask('/@shop/hello')).text, 'hello from a package');
  });

  it('reads no file of the host through a link that was pushed', async () => {
    await author.commit({ 'package.json': null });
    await symlink(join(node.node.dataDir, 'operator-token'), join(author.folder, 'package.json'));
    await author.commit({ 'functions/hello.ts': "export default () => 'linked';\n" });
    const { stderr } = await author.tryGit('push', 'mayfly', 'main');
    assert.doesNotMatch(stderr, new RegExp(node.token));
    assert.doesNotMatch(stderr, /Testing|Installing/);
  });
});
