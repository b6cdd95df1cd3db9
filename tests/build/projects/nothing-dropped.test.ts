import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Document, isMap, isSeq, parseAllDocuments, type YAMLMap } from 'yaml';
import { copyFixture, readFolder } from './project-reading.ts';

/** Project files of the fixtures in YAML. */
const FILES: readonly (readonly [string, string])[] = [
  ['alibaba', 's.yaml'],
  ['alibaba-2', 's.yaml'],
  ['fission', 'specs/env-node.yaml'],
  ['fission', 'specs/functions.yaml'],
  ['fission', 'specs/triggers.yaml'],
  ['fn', 'func.yaml'],
  ['knative', 'func.yaml'],
  ['nuclio', 'function.yaml'],
  ['openfaas', 'stack.yaml'],
  ['openwhisk', 'manifest.yaml'],
  ['tencent', 'serverless.yml'],
];

const KEY = 'strange-key';

/** Mappings that are told as a whole, or that describe something to people only. */
const AS_A_WHOLE: readonly RegExp[] = [
  /^s\.yaml vars$/,
  /^s\.yaml resources\.resize\.actions/,
  /^s\.yaml resources\.resize\.props\.triggers\.2\.triggerConfig\.filter/,
  /^Environment spec\.(builder|resources)/,
  /^KubernetesWatchTrigger spec/,
  /^HTTPTrigger spec\.ingressconfig/,
  /^Package status/,
  /^func\.yaml (build$|run\.volumes|deploy\.options\.resources\.requests|deploy\.subscriptions\.0\.filters)/,
  /^NuclioFunction (metadata\.labels|spec\.env\.1\.valueFrom)/,
  /^NuclioFunction spec\.triggers\.tick\.attributes\.event/,
  /^stack\.yaml configuration/,
  /^manifest\.yaml packages\.shop\.actions\.greeting\.(outputs|inputs\.name)$/,
  /^manifest\.yaml packages\.shop\.sequences\.order$/,
  /^serverless\.yml inputs\.(vpcConfig|events\.4\.mps)/,
];

for (const [fixture, file] of FILES) {
  test(`a key that nobody knows is told, wherever it stands: ${fixture}/${file}`, async () => {
    await using copy = await copyFixture(fixture);
    const path = join(copy.dir, file);
    const text = await readFile(path, 'utf8');
    const count = mappings(parseAllDocuments(text) as Document[], file).length;
    assert.ok(count > 2);
    const silent: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const documents = parseAllDocuments(text) as Document[];
      const [where, map] = mappings(documents, file)[index] as [string, YAMLMap];
      map.set(KEY, 'value');
      await writeFile(path, documents.map(String).join('---\n'));
      const { app, findings } = await readFolder(copy.dir, { env: {} });
      const told = findings.some(({ what, means }) => what.includes(KEY) || means.includes(KEY));
      if (!told && !JSON.stringify(app).includes(KEY)) silent.push(where);
    }
    assert.deepEqual(
      silent.filter((where) => !AS_A_WHOLE.some((pattern) => pattern.test(where))),
      [],
    );
  });
}

/** Every mapping with its path, after the kind of its document or the file's name. */
function mappings(documents: readonly Document[], file: string): [string, YAMLMap][] {
  const found: [string, YAMLMap][] = [];
  const walk = (node: unknown, path: readonly (string | number)[]): void => {
    if (isMap(node)) {
      found.push([path.join('.'), node as YAMLMap]);
      for (const { key, value } of node.items) walk(value, [...path, String(key)]);
    } else if (isSeq(node)) for (const [index, item] of node.items.entries()) walk(item, [...path, index]);
  };
  return documents.flatMap((document) => {
    found.length = 0;
    walk(document.contents, []);
    const kind = document.get('kind') as string | undefined;
    return found.map(([path, map]): [string, YAMLMap] => [`${kind ?? file} ${path}`, map]);
  });
}
