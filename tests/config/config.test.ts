import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Config, loadConfig, SETTINGS } from '../../src/config.ts';
import { MayflyError } from '../../src/domain/errors.ts';

describe('the configuration of a node', () => {
  let folder: string;
  let files = 0;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'mayfly-config-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const fileOf = (text: string): string => {
    const path = join(folder, `node-${files++}.yaml`);
    writeFileSync(path, text);
    return path;
  };
  const load = (flags: Record<string, string> = {}, environment: Record<string, string> = {}): Config =>
    loadConfig({ data: folder, ...flags }, environment);
  const fails = (run: () => unknown, ...patterns: (RegExp | string)[]): void => {
    assert.throws(run, (thrown: unknown) => {
      assert.ok(thrown instanceof MayflyError);
      assert.equal(thrown.code, 'CONFIG_INVALID');
      for (const pattern of patterns) {
        if (typeof pattern === 'string') assert.ok(thrown.message.includes(pattern), thrown.message);
        else assert.match(thrown.message, pattern);
      }
      return true;
    });
  };

  test('every setting has a default that it takes itself, a flag and a variable of its own', () => {
    const config = loadConfig({}, {});
    assert.deepEqual(
      Object.keys(config),
      SETTINGS.map(({ key }) => key),
    );
    for (const names of [SETTINGS.map(({ flag }) => flag), SETTINGS.map(({ variable }) => variable)])
      assert.equal(new Set(names).size, SETTINGS.length);
    for (const { key, default: text } of SETTINGS)
      assert.deepEqual(loadConfig({ [key]: text }, {})[key], config[key], key);
    assert.equal(config.data, resolve('.mayfly'));
    assert.deepEqual(
      [config.gatewayPort, config.drainTimeoutMs, config.bodyBytesMax],
      [8080, 30_000, 100 * 2 ** 20],
    );
    const drain = SETTINGS.find(({ key }) => key === 'drainTimeoutMs')!;
    assert.deepEqual([drain.flag, drain.variable], ['--drain-timeout', 'MAYFLY_DRAIN_TIMEOUT']);
  });

  test('a flag beats a variable beats the file beats the default', () => {
    const config = fileOf('gatewayPort: 1\ncontrolPort: 2\nedgePort: 3\n');
    const loaded = load(
      { config, gatewayPort: '11' },
      { MAYFLY_GATEWAY_PORT: '21', MAYFLY_CONTROL_PORT: '22' },
    );
    assert.deepEqual([loaded.gatewayPort, loaded.controlPort, loaded.edgePort], [11, 22, 3]);
    assert.equal(load({}, { MAYFLY_CONFIG: config }).gatewayPort, 1);
    assert.equal(load({ config: fileOf('') }, { MAYFLY_CONFIG: config }).gatewayPort, 8080);
  });

  test('the file lies in the data folder, wherever that was named, and need not be there', () => {
    const data = join(folder, 'data');
    assert.equal(loadConfig({ data }, {}).gatewayPort, 8080);
    mkdirSync(data);
    writeFileSync(join(data, 'node.yaml'), 'gatewayPort: 5\n');
    assert.equal(loadConfig({ data }, {}).gatewayPort, 5);
    assert.equal(loadConfig({}, { MAYFLY_DATA: data }).gatewayPort, 5);
  });

  test('every kind of value is read', () => {
    const config = load({
      config: fileOf(
        'domains: [Apps.Example.org, localhost]\nhost: 0.0.0.0\nlogAgeMsMax: 1.5h\nprewarmMin: 0\n',
      ),
      isolation: 'process',
      headerBytesMax: '1KB',
      usageAgeMsMax: '1000d',
    });
    assert.deepEqual(config.domains, ['apps.example.org', 'localhost']);
    assert.equal(config.host, '0.0.0.0');
    assert.equal(config.logAgeMsMax, 5_400_000);
    assert.equal(config.usageAgeMsMax, 1000 * 86_400_000);
    assert.deepEqual([config.prewarmMin, config.isolation, config.headerBytesMax], [0, 'process', 1024]);
    assert.equal(load({ host: '::1' }).host, '::1');
  });

  test('it is frozen', () => {
    const config = load();
    assert.throws(() => Object.assign(config, { host: 'x' }), TypeError);
    assert.throws(() => (config.domains as string[]).push('x'), TypeError);
  });

  test('a bad value names its source and what was expected', () => {
    const bad: [keyof Config, string[], RegExp][] = [
      ['gatewayPort', ['', ' ', '-1', '65536', '1.5', '0x10', '1e3', 'http'], /whole number from 0 to 65535/],
      ['connectionsMax', ['0', '1000001'], /whole number from 1 to 1000000/],
      ['drainTimeoutMs', ['', '30', '-1s', '1y', '25d'], /a duration/],
      ['logAgeMsMax', ['forever'], /a duration such as/],
      ['bodyBytesMax', ['', '10', '1TB', '-1KB'], /a size such as/],
      ['headerBytesMax', ['0KB', '0.5KB'], /a size from 1KB/],
      ['isolation', ['', 'Sandbox', 'none'], /one of sandbox, process/],
      ['domains', ['', 'a,,b', 'a b', '.example.org', 'a..b'], /host names separated by commas/],
      ['host', ['', 'a b', 'http://x'], /an address or a host name/],
      ['data', ['', ' '], /a folder/],
    ];
    for (const [key, texts, expected] of bad) {
      const { flag, variable } = SETTINGS.find((setting) => setting.key === key)!;
      for (const text of texts) {
        fails(() => load({ [key]: text }), `${flag}: "${text}" is not`, expected);
        if (key !== 'data')
          fails(() => load({}, { [variable]: text }), `${variable}: "${text}" is not`, expected);
      }
    }
    const config = fileOf('gatewayPort: eighty');
    fails(() => load({ config }), `${config}: gatewayPort: "eighty" is not a whole number`);
  });

  test('a file that says what no flag could is refused', () => {
    for (const text of [
      'host:',
      'host: {a: b}',
      'host: true',
      'gatewayPort: 1.5',
      'domains: []',
      'domains: [a, null]',
    ])
      fails(() => load({ config: fileOf(text) }), text.slice(0, text.indexOf(':')));
    for (const text of ['- a', 'text', '5'])
      fails(() => load({ config: fileOf(text) }), 'must hold keys and values');
    for (const text of ['a: [', 'host: a\nhost: b', '\t- x: :'])
      fails(() => load({ config: fileOf(text) }), 'no valid YAML');
    fails(() => load({ config: join(folder, 'missing.yaml') }), 'Cannot read');
    fails(() => load({ config: folder }), 'Cannot read');
    const data = join(folder, 'blocked');
    mkdirSync(join(data, 'node.yaml'), { recursive: true });
    fails(() => loadConfig({ data }, {}), 'Cannot read');
  });

  test('an unknown key is named with the nearest right one', () => {
    const config = fileOf('gatwayPort: 1');
    fails(() => load({ config }), `${config}: unknown key "gatwayPort". Did you mean "gatewayPort"?`);
    fails(() => load({ config: fileOf('somethingElse: 1') }), /unknown key "somethingElse"\.$/);
    for (const key of ['constructor', 'toString', '__proto__'])
      fails(() => load({ config: fileOf(`${key}: 1`) }), `unknown key "${key}"`);
  });
});
