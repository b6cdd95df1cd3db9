import type { ProjectFixture } from './project-fixture.ts';

const answer = (text: string): string =>
  `module.exports.handler = async (event) => ({ statusCode: 200, body: JSON.stringify({ text: '${text}', event }) });\n`;

/** Serverless Framework services on AWS that deploy. */
export const SERVERLESS_FIXTURES: readonly ProjectFixture[] = [
  {
    name: 'an HTTP API of one function',
    files: {
      'serverless.yml': `
org: somebody
service: aws-node-http-api
frameworkVersion: "4"
provider:
  name: aws
  runtime: nodejs22.x
functions:
  hello:
    handler: handler.hello
    events:
      - httpApi:
          path: /
          method: get
`,
      'handler.js': `exports.hello = async () => ({ statusCode: 200, body: JSON.stringify({ message: 'hello' }) });\n`,
    },
  },
  {
    name: 'a REST API over a table',
    files: {
      'serverless.yml': `
service: rest-with-dynamodb
frameworkVersion: ">=1.1.0 <=3.x"
provider:
  name: aws
  runtime: nodejs20.x
  environment:
    DYNAMODB_TABLE: \${self:service}-\${opt:stage, self:provider.stage}
  iam:
    role:
      statements:
        - Effect: Allow
          Action: [dynamodb:Query, dynamodb:PutItem]
          Resource: "arn:aws:dynamodb:\${opt:region, self:provider.region}:*:table/\${self:provider.environment.DYNAMODB_TABLE}"
functions:
  create:
    handler: todos/create.handler
    events:
      - http: { path: todos, method: post, cors: true }
  get:
    handler: todos/get.handler
    events:
      - http: { path: "todos/{id}", method: get, cors: true }
  everything:
    handler: todos/get.handler
    timeout: 29
    reservedConcurrency: 5
    events:
      - http: ANY files/{proxy+}
resources:
  Resources:
    TodosDynamoDbTable:
      Type: AWS::DynamoDB::Table
      DeletionPolicy: Retain
      Properties:
        TableName: \${self:provider.environment.DYNAMODB_TABLE}
        BillingMode: PAY_PER_REQUEST
`,
      'todos/create.js': answer('created'),
      'todos/get.js': answer('got'),
      'todos/shape.json': '{"type":"object"}\n',
    },
  },
  {
    name: 'variables over several files',
    options: { stage: 'prod', env: { OWNER: 'ops' }, params: { size: '256' }, opt: { colour: 'blue' } },
    files: {
      'serverless.yml': `
service:
  name: many-files
useDotenv: true
params:
  default: { domain: example.test }
  prod: { domain: example.com }
custom: \${file(config/custom.yml)}
provider:
  name: aws
  runtime: nodejs20.x
  region: \${file(config/regions.json):\${sls:stage}, 'us-east-1'}
  environment: \${self:custom.environment.\${sls:stage}}
package:
  patterns: ['!**', 'views/*.html', '!views/draft.html']
functions:
  - \${file(functions/one.yml)}
  - two:
      handler: src/two.handler
      memorySize: \${param:size}
      environment:
        FROM_JS: \${file(config/values.js):inner.value}
        FROM_FUNCTION: \${file(config/values.js):made}
        FLAG: \${strToBool(true)}
        COLOUR: \${opt:colour, 'red'}
        DOTENV: \${env:FROM_DOTENV}
        LIST_ITEM: \${self:custom.list.1}
        FALLBACK: \${opt:none, env:NONE, "plain, with a comma"}
        LITERAL: \${AWS::Region}
`,
      'config/custom.yml': `
list: [a, b]
environment:
  prod:
    OWNER: \${env:OWNER}
    DOMAIN: \${param:domain}
    NAME: \${self:service.name}-\${sls:stage}
`,
      'config/regions.json': '{ "prod": "eu-central-1" }\n',
      'config/values.js': `module.exports = { inner: { value: 'v' }, made: async ({ options, resolveVariable }) => options.stage + '/' + (await resolveVariable('self:service.name')) };\n`,
      'functions/one.yml': `
one:
  handler: src/one.handler
  events:
    - httpApi: 'GET /one'
    - schedule: rate(1 hour)
`,
      '.env': 'FROM_DOTENV=general\n',
      '.env.prod': 'FROM_DOTENV="of the stage"\n',
      'src/one.js': answer('one'),
      'src/two.js': answer('two'),
      'views/page.html': '<p>page</p>\n',
      'views/draft.html': '<p>draft</p>\n',
    },
  },
  {
    name: 'TypeScript, configured in TypeScript',
    files: {
      'serverless.ts': `
import type { AWS } from '@serverless/typescript';
import hello from '@functions/hello';
const configuration = {
  service: 'typescript-service',
  frameworkVersion: '3',
  plugins: ['serverless-esbuild'],
  provider: { name: 'aws', runtime: 'nodejs20.x', httpApi: { cors: true, payload: '2.0' }, environment: { NODE_OPTIONS: '--enable-source-maps' } },
  functions: { hello },
  package: { individually: true },
  custom: { esbuild: { bundle: true, minify: true, exclude: ['aws-sdk'], target: 'node20' } },
};
module.exports = configuration as AWS;
`,
      'tsconfig.json':
        '{ "extends": "./tsconfig.paths.json", "compilerOptions": { "moduleResolution": "node" } }',
      'tsconfig.paths.json':
        '{ "compilerOptions": { "baseUrl": ".", "paths": { "@functions/*": ["src/functions/*"], "@shared/*": ["src/shared/*"] } } }',
      'src/shared/place.ts': 'export const below = (dir: string) => dir.slice(process.cwd().length + 1);\n',
      'src/functions/hello/index.ts': `
import { below } from '@shared/place';
export default { handler: \`\${below(__dirname)}/handler.main\`, events: [{ httpApi: { method: 'post', path: '/hello' } }] };
`,
      'src/functions/hello/handler.ts':
        'export const main = async (event: { body?: string }): Promise<unknown> => ({ statusCode: 200, body: event.body ?? "" });\n',
    },
  },
  {
    name: 'every event that waits for a service',
    files: {
      'serverless.yml': `
service: events
provider: { name: aws, runtime: nodejs22.x, stage: test, region: eu-west-1 }
functions:
  worker:
    handler: worker.handler
    events:
      - schedule: { rate: ["rate(10 minutes)", "cron(0 12 ? * MON-FRI *)"], input: { kind: tick } }
      - schedule: { rate: "cron(0 8 1 * ? 2030)", timezone: Europe/Berlin, enabled: false }
      - sqs: { arn: !GetAtt Jobs.Arn, batchSize: 5, maximumBatchingWindow: 20, maximumConcurrency: 4, functionResponseType: ReportBatchItemFailures, filterPatterns: [{ body: { kind: [a] } }] }
      - sns: { topicName: news, filterPolicy: { pet: [dog] }, filterPolicyScope: MessageBody }
      - sns: arn:aws:sns:eu-west-1:000000000000:alerts
      - s3: { bucket: photos, event: "s3:ObjectRemoved:*", rules: [{ prefix: uploads/ }, { suffix: .jpg }] }
      - s3: thumbnails
      - stream: { type: dynamodb, arn: !GetAtt Users.StreamArn, startingPosition: LATEST, maximumRetryAttempts: 2, bisectBatchOnFunctionError: true }
      - stream: arn:aws:kinesis:eu-west-1:000000000000:stream/clicks
      - eventBridge: { eventBus: shop, pattern: { source: [orders], detail-type: [paid], detail: { amount: [{ numeric: [">", 10] }] } } }
      - eventBridge: { schedule: rate(1 day) }
      - cloudwatchEvent: { event: { source: [aws.ec2], detail-type: ["EC2 Instance State-change Notification"] } }
      - cloudwatchLog: { logGroup: /aws/lambda/hello, filter: ERROR }
      - websocket: $connect
      - websocket: { route: say }
      - iot: { sql: "SELECT * FROM 'plant/+/heat' WHERE celsius > 50" }
      - cognitoUserPool: { pool: People, trigger: PreSignUp }
      - kafka: { topic: orders, bootstrapServers: [b-1] }
      - alb: { listenerArn: arn:x, priority: 1, conditions: { path: [/balanced, /files/*], method: GET } }
resources:
  Resources:
    Jobs: { Type: AWS::SQS::Queue, Properties: { QueueName: jobs } }
    Users: { Type: AWS::DynamoDB::Table }
`,
      'worker.js': answer('worked'),
    },
  },
  {
    name: "Google's functions",
    files: {
      'serverless.yml': `
service: on-google
provider: { name: google, stage: dev, runtime: nodejs20, region: us-central1, project: p, credentials: ~/.gcloud/key.json, environment: { A: 1 } }
plugins: [serverless-google-cloudfunctions]
functions:
  first:
    handler: http
    memorySize: 128
    timeout: 30s
    events:
      - http: path
  second:
    handler: event
    events:
      - event: { eventType: providers/cloud.pubsub/eventTypes/topic.publish, resource: "projects/*/topics/news" }
`,
      'package.json': '{ "name": "on-google", "main": "index.js" }\n',
      'index.js': `exports.http = (req, res) => res.status(200).send('hello');\nexports.event = (event, callback) => callback();\n`,
    },
  },
  {
    name: "Azure's functions",
    files: {
      'serverless.yml': `
service: on-azure
provider: { name: azure, region: West US 2, runtime: nodejs18, environment: { FOO: foo } }
plugins: [serverless-azure-functions]
functions:
  hello:
    handler: src/handlers/hello.sayHello
    events:
      - http: true
        methods: [GET]
        authLevel: anonymous
      - http: true
        x-azure-settings: { direction: out, name: res }
  nightly:
    handler: src/handlers/hello.sayHello
    events:
      - timer: "0 */5 * * * *"
`,
      'src/handlers/hello.js': `exports.sayHello = async (context, req) => { context.res = { body: 'hello ' + req.query.name }; };\n`,
    },
  },
  {
    name: "OpenWhisk's actions",
    files: {
      'serverless.yml': `
service: on-openwhisk
provider: { name: openwhisk, runtime: "nodejs:default", memory: 256 }
plugins: [serverless-openwhisk]
functions:
  users:
    handler: users.create
    parameters: { greeting: Hello }
    events:
      - http: POST /api/users
      - schedule: cron(* * * * *)
      - trigger: my_trigger
  both:
    sequence: [users, users]
`,
      'users.js': `exports.create = (params) => ({ body: params.greeting });\n`,
    },
  },
  {
    name: "Kubeless' functions",
    files: {
      'serverless.yml': `
service: on-kubeless
provider: { name: kubeless, runtime: nodejs14, memorySize: 128M }
plugins: [serverless-kubeless]
functions:
  capitalize:
    handler: handler.capitalize
    events:
      - http: { path: /capitalize }
      - trigger: uppercase
      - schedule: "0 * * * *"
`,
      'handler.js': `module.exports = { capitalize: (event, context) => String(event.data).toUpperCase() };\n`,
    },
  },
];
