import assert from 'node:assert/strict';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { SAM_FIXTURES } from '../build/projects/sam-fixtures.ts';
import { SERVERLESS_FIXTURES } from '../build/projects/serverless-fixtures.ts';
import { TestNode } from '../harness/test-node.ts';
import { runInShell } from './test-shell.ts';

let node: TestNode;

before(async () => {
  node = await TestNode.start();
});
after(() => node.close());

/** A project on disk, in a folder of its own. */
async function project(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(node.folder, 'projects', name);
  await rm(folder, { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

function fixture(part: string): Readonly<Record<string, string>> {
  const found = [...SERVERLESS_FIXTURES, ...SAM_FIXTURES].find(({ name }) => name.includes(part));
  assert.ok(found, part);
  return found.files;
}

const mayfly = (words: readonly string[]) =>
  runInShell(words, { env: { MAYFLY_URL: node.controlUrl, MAYFLY_TOKEN: node.token } });

describe('a Serverless Framework service', () => {
  it('is checked, deployed as it is, and answers', async () => {
    const folder = await project('todos', fixture('REST'));
    const check = await mayfly(['check', folder]);
    assert.equal(check.code, 0, check.stderr);
    assert.match(check.stdout, /^rest-with-dynamodb: serverless\.yml \(Serverless Framework\)\n/);
    assert.match(check.stdout, /^create +todos\/create\.handler +nodejs24 +lambda +POST \/todos$/m);
    assert.match(
      check.stdout,
      /^ {2}later +serverless\.yml:32:5 +TodosDynamoDbTable \(AWS::DynamoDB::Table\)\n +the table/m,
    );

    const deploy = await mayfly(['deploy', folder]);
    assert.equal(deploy.code, 0, deploy.stderr);
    assert.match(deploy.stderr, /^later: serverless\.yml:9:3 +provider\.iam: /m);
    const answer = await node.ask('/@rest-with-dynamodb/todos/7?a=1');
    assert.equal(answer.status, 200);
    const { event } = answer.json as { event: Record<string, unknown> };
    assert.deepEqual(
      [event.version, event.resource, event.pathParameters],
      ['1.0', '/todos/{id}', { id: '7' }],
    );

    const imported = await mayfly(['import', folder]);
    assert.equal(imported.code, 0, imported.stderr);
    assert.match(imported.stdout, /^Wrote mayfly\.yaml with 3 functions, from serverless\.yml\.\n$/);
    const again = await mayfly(['deploy', folder]);
    assert.match(again.stderr, /ALREADY_LIVE/, 'the imported app is the very same release');
  });

  it('declares triggers that wait for their service, and says so', async () => {
    const files = fixture('every event that waits');
    const text = (files['serverless.yml'] ?? '').replace('nodejs22.x', 'nodejs20.x');
    const folder = await project('events', { ...files, 'serverless.yml': text });
    const deploy = await mayfly(['deploy', folder]);
    assert.equal(deploy.code, 0, deploy.stderr);
    assert.match(
      deploy.stderr,
      /^19 triggers \(auth, event, .*\) are declared and begin to work when their service arrives\.$/m,
    );
    const describe_ = await mayfly(['describe', 'events']);
    assert.match(describe_.stdout, /queue jobs \(waiting\)/);
    const show = await mayfly(['releases', 'show', 'production', '--app', 'events']);
    assert.match(show.stdout, /schedule every 600s, schedule "0 12 \* \* MON-FRI"/);
    await writeFile(join(folder, 'serverless.yml'), text.replace('batchSize: 5', 'batchSize: 6'));
    assert.equal((await mayfly(['deploy', folder])).code, 0);
    const list = JSON.parse((await mayfly(['releases', 'list', '--app', 'events', '--json'])).stdout);
    const [now, then] = list.releases as { release: string }[];
    const diff = await mayfly([
      'releases',
      'diff',
      now?.release ?? '',
      then?.release ?? '',
      '--app',
      'events',
    ]);
    assert.match(diff.stdout, /worker\.triggers\[3\] +\{.*"batch":5.*→.*"batch":6/);
  });
});

describe('an AWS SAM template', () => {
  it('runs functions of several runtimes', async () => {
    const folder = await project('several', {
      'template.yaml': `Transform: AWS::Serverless-2016-10-31
Globals: { Function: { Timeout: 10, MemorySize: 256 } }
Resources:
  Web:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: web/
      Handler: app.handler
      Runtime: nodejs20.x
      Environment: { Variables: { QUEUE: !Ref Jobs } }
      Events: { Get: { Type: HttpApi, Properties: { Path: '/web/{name}', Method: get } } }
  Snake:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: snake/
      Handler: app.lambda_handler
      Runtime: python3.12
      Events: { Get: { Type: Api, Properties: { Path: /snake, Method: get } } }
  Jobs: { Type: AWS::SQS::Queue, Properties: { QueueName: jobs } }
`,
      'web/app.mjs': `import { readFileSync } from 'node:fs';
export const handler = async (event) => ({ statusCode: 200, body: [event.version, event.pathParameters.name, readFileSync('greeting.txt', 'utf8').trim(), process.env.QUEUE].join(' ') });
`,
      'web/greeting.txt': 'from beside the code\n',
      'snake/app.py': `import json
from words import WORD
def lambda_handler(event, context):
    return {"statusCode": 200, "body": json.dumps({"word": WORD, "method": event["httpMethod"]})}
`,
      'snake/words.py': 'WORD = "hiss"\n',
      'snake/requirements.txt': '\n',
    });
    const deploy = await mayfly(['deploy', folder]);
    assert.equal(deploy.code, 0, deploy.stderr);
    const web = await node.ask('/@several/web/ada');
    assert.equal(
      web.text,
      '2.0 ada from beside the code https://sqs.us-east-1.amazonaws.com/000000000000/jobs',
    );
    assert.deepEqual((await node.ask('/@several/snake')).json, { word: 'hiss', method: 'GET' });
  });
});

describe('check and import', () => {
  it('fail when a function could not run, and show the others all the same', async () => {
    const folder = await project('half', {
      'serverless.yml':
        'service: half\nprovider: { name: aws, runtime: nodejs20.x }\nfunctions:\n  good: { handler: a.handler }\n  old: { handler: Handler, runtime: java21 }\n',
      'a.js': 'exports.handler = async () => 1;\n',
    });
    const check = await mayfly(['check', folder, '--json']);
    assert.equal(check.code, 1);
    const report = JSON.parse(check.stdout);
    assert.deepEqual(
      [report.deployable, report.functions.length, report.functions[0].dialect],
      [false, 1, 'lambda'],
    );
    assert.ok(
      report.findings.some(
        (each: { severity: string; function: string }) =>
          each.severity === 'blocks' && each.function === 'old',
      ),
    );
    const deploy = await mayfly(['deploy', folder]);
    assert.equal(deploy.code, 1);
    assert.match(deploy.stderr, /serverless\.yml:5:37: runtime java21/);
    const printed = await mayfly(['import', folder, '--stdout']);
    assert.match(printed.stdout, /^# blocks: serverless\.yml:5:37: runtime java21/m);
    assert.match(printed.stdout, /^ {2}good:$/m);
  });

  it('keeps a mayfly.yaml that is there, and tells problems of the code', async () => {
    const folder = await project('own', {
      'serverless.yml':
        'service: own\nprovider: { name: aws, runtime: nodejs20.x }\nfunctions: { a: { handler: gone.main }, c: { handler: lost.main, runtime: python3.12 }, d: { handler: d, runtime: provided } }\n',
      'mayfly.yaml': 'functions: { b: { handler: b.js } }\n',
      'b.js': 'export default () => 1;\n',
    });
    assert.match((await mayfly(['import', folder])).stderr, /CONFLICT/);
    const own = await mayfly(['check', folder]);
    assert.equal(own.code, 0);
    assert.match(own.stdout, /note: mayfly\.yaml is read; serverless\.yml beside it is not\n/);
    const foreign = await mayfly(['check', folder, '--project', 'serverless.yml']);
    assert.equal(foreign.code, 1);
    assert.match(foreign.stdout, /problem +serverless\.yml:3:28 +there is no file "gone\.js"/);
    assert.match(
      foreign.stdout,
      /problem +serverless\.yml:3:55 +there is no file "lost\.main" or "lost\.main\.py"/,
    );
    assert.match(
      foreign.stdout,
      /problem +serverless\.yml:3:103 +function "d": there is neither "d" nor "bootstrap"/,
    );
    assert.match(foreign.stderr, /3 things must change/);
    assert.equal((await mayfly(['import', folder, '--force'])).code, 0);
    assert.match(await readFile(join(folder, 'mayfly.yaml'), 'utf8'), /handler: gone\.main/);
  });

  it('asks which of several project files is meant', async () => {
    const folder = await project('two', fixture('hello world'));
    await cp(join(await project('other', fixture('REST')), '.'), folder, { recursive: true });
    const check = await mayfly(['check', folder]);
    assert.equal(check.code, 1);
    assert.match(
      check.stderr,
      /several project files: template\.yaml \(AWS SAM\), serverless\.yml \(Serverless Framework\).*--project template\.yaml/,
    );
    assert.equal((await mayfly(['check', folder, '--project', 'template.yaml'])).code, 0);
  });

  it('takes the host.json that the Serverless Framework needs for Azure as a part of its project', async () => {
    const folder = await project('azure', {
      'host.json': '{ "version": "2.0" }',
      'serverless.yml':
        'service: on-azure\nprovider:\n  name: azure\n  runtime: nodejs24\nfunctions:\n  hi:\n    handler: hi.hi\n    events: [{ http: true, name: req }]\n',
      'hi.js': 'exports.hi = async (context) => { context.res = { body: 1 }; };',
    });
    const check = await mayfly(['check', folder]);
    assert.equal(check.code, 0, check.stderr);
    assert.match(check.stdout, /serverless\.yml \(Serverless Framework\)/);
    assert.match(check.stdout, /hi\.js#hi/);
  });

  it('names the first of many routes', async () => {
    const folder = await project('many', {
      'mayfly.yaml': 'functions:\n  hi: { handler: hi.js, routes: [/a, /b, /c, /d, /e, /f] }\n',
      'hi.js': 'export default () => 1;',
    });
    const { stdout } = await mayfly(['check', folder]);
    assert.match(stdout, /ANY \/a, ANY \/b, ANY \/c, ANY \/d and 2 more/);
  });
});
