import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Document, isMap, isSeq, parseAllDocuments, type YAMLMap } from 'yaml';
import { loadApp } from '../../../src/build/app-loader.ts';
import { AppFolder } from '../app-folder.ts';
import { SAM_FIXTURES } from './sam-fixtures.ts';
import { SERVERLESS_FIXTURES } from './serverless-fixtures.ts';

const FILES = /^(serverless\.yml|template\.(ya?ml|json))$/;
const KEY = 'strangeKey';

/** Mappings that are told as a whole, that only their references count of, or that describe something to people only. */
const AS_A_WHOLE: readonly RegExp[] = [
  /^(service|params|custom|stages)\b/,
  /^provider\.iam\b/,
  /^(resources\.)?Resources\.\w+\.Properties\.(Policies|Role|Auth|DefinitionBody)\b/,
  /^resources\.Resources\b/,
  /^(Outputs|Parameters|Mappings|Conditions)\b/,
  /^Resources$/,
  /^Resources\.(Orders|JobQueue|NewsTopic|Photos|Users|People|Machine|Role)\b/,
  /^Resources\.TestOnlyFunction\.Properties\b/,
  /\.(FilterCriteria|Filter|ScalingConfig|Auth|rules)\b/,
  /\.(ARN|TEXT|Queue|UserPool|Topic|Bucket|Stream|RestApiId|ApiId|FunctionName|EventSourceArn)\b/,
  /\.(ProvisionedConcurrencyConfig|DeploymentPreference|LoggingConfig)\b/,
];

for (const { name, files, options = {} } of [...SERVERLESS_FIXTURES, ...SAM_FIXTURES]) {
  const [file, text] = Object.entries(files).find(([path]) => FILES.test(path)) ?? [];
  if (file === undefined || text === undefined) continue;
  test(`a key that nobody knows is told, wherever it stands: ${name} (${file})`, async () => {
    await using app = await AppFolder.create(files);
    const count = mappings(parseAllDocuments(text) as Document[]).length;
    assert.ok(count > 2);
    const silent: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const [document] = parseAllDocuments(text) as Document[];
      const [where, map] = mappings([document as Document])[index] as [string, YAMLMap];
      map.set(KEY, 'value');
      await app.write({ [file]: String(document) });
      const { findings, functions } = await loadApp(app.dir, { ...options, tolerant: true });
      const told = findings.some(({ what, means }) => what.includes(KEY) || means.includes(KEY));
      if (!told && !JSON.stringify(functions).includes(KEY)) silent.push(where);
    }
    assert.deepEqual(
      silent.filter((where) => !AS_A_WHOLE.some((pattern) => pattern.test(where))),
      [],
    );
  });
}

/** Every mapping with its path; calls of CloudFormation's functions are values. */
function mappings(documents: readonly Document[]): [string, YAMLMap][] {
  const found: [string, YAMLMap][] = [];
  const walk = (node: unknown, path: readonly (string | number)[]): void => {
    if (isMap(node)) {
      found.push([path.join('.'), node as YAMLMap]);
      for (const { key, value } of node.items) walk(value, [...path, String(key)]);
    } else if (isSeq(node)) for (const [index, item] of node.items.entries()) walk(item, [...path, index]);
  };
  for (const document of documents) walk(document.contents, []);
  return found;
}
