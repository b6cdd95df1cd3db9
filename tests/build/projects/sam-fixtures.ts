import type { ProjectFixture } from './project-fixture.ts';

const answer = (text: string): string =>
  `exports.handler = async (event) => ({ statusCode: 200, body: JSON.stringify({ text: '${text}', variable: process.env.TABLE }) });\n`;

/** AWS SAM templates that deploy. */
export const SAM_FIXTURES: readonly ProjectFixture[] = [
  {
    name: 'the hello world of "sam init"',
    files: {
      'template.yaml': `AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Description: a first app
Globals:
  Function:
    Timeout: 3
    LoggingConfig: { LogFormat: JSON }
Resources:
  HelloWorldFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: hello-world/
      Handler: app.lambdaHandler
      Runtime: nodejs22.x
      Architectures: [x86_64]
      Events:
        HelloWorld:
          Type: Api
          Properties: { Path: /hello, Method: get }
Outputs:
  HelloWorldApi:
    Value: !Sub "https://\${ServerlessRestApi}.execute-api.\${AWS::Region}.amazonaws.com/Prod/hello/"
`,
      'samconfig.toml': `version = 0.1
[default.global.parameters]
stack_name = "sam-app"
[default.build.parameters]
cached = true
`,
      'hello-world/package.json': '{ "name": "hello_world", "main": "app.js" }\n',
      'hello-world/app.mjs': `export const lambdaHandler = async () => ({ statusCode: 200, body: JSON.stringify({ message: 'hello world' }) });\n`,
      'events/event.json': '{}\n',
    },
  },
  {
    name: 'TypeScript that esbuild builds',
    files: {
      'template.yaml': `Transform: AWS::Serverless-2016-10-31
Resources:
  ApiFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.handler
      Runtime: nodejs20.x
      MemorySize: 256
      Events:
        Any: { Type: HttpApi }
    Metadata:
      BuildMethod: esbuild
      BuildProperties:
        Minify: true
        Target: es2020
        External: ['@aws-sdk/*']
        EntryPoints: [src/app.ts]
`,
      'src/app.ts': `export const handler = async (event: { rawPath: string }) => ({ statusCode: 200, body: event.rawPath });\n`,
    },
  },
  {
    name: 'parameters, mappings and conditions',
    options: { stage: 'live', params: { Size: '512' } },
    files: {
      'template.yml': `AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: { Type: String, Default: test }
  Size: { Type: Number, Default: 128 }
  Colours: { Type: CommaDelimitedList, Default: 'red, green' }
  Unset: { Type: String }
Mappings:
  Hosts:
    live: { Name: example.com }
    test: { Name: example.test }
Conditions:
  IsLive: !Equals [!Ref Stage, live]
  IsTest: !Not [!Condition IsLive]
Globals:
  Function:
    Runtime: nodejs22.x
    MemorySize: !Ref Size
    Environment:
      Variables:
        HOST: !FindInMap [Hosts, !Ref Stage, Name]
        TABLE: !Ref Orders
  Api:
    Cors: { AllowOrigin: "'https://example.com'", AllowMethods: "'GET,POST'", AllowHeaders: "'content-type'", MaxAge: "'600'" }
Resources:
  OrdersFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src
      Handler: orders.handler
      Timeout: 20
      Policies: [{ DynamoDBCrudPolicy: { TableName: !Ref Orders } }]
      Environment:
        Variables:
          ARN: !GetAtt Orders.Arn
          MODE: !If [IsLive, production, trial]
          COLOUR: !Select [1, !Ref Colours]
          JOINED: !Join ['-', [!Ref 'AWS::StackName', !Ref 'AWS::Region']]
          TEXT: !Sub ['\${Prefix}/\${Orders}/\${AWS::AccountId}', { Prefix: x }]
          GONE: !If [IsTest, a, !Ref 'AWS::NoValue']
          UNKNOWN: !Ref Unset
          ELSEWHERE: !ImportValue other-stack
      Events:
        Create: { Type: Api, Properties: { Path: '/orders', Method: POST } }
        Show: { Type: Api, Properties: { Path: '/orders/{id}', Method: ANY } }
  TestOnlyFunction:
    Type: AWS::Serverless::Function
    Condition: IsTest
    Properties: { CodeUri: src, Handler: orders.handler }
  Orders:
    Type: AWS::Serverless::SimpleTable
    Properties: { TableName: !Sub 'orders-\${Stage}' }
`,
      'samconfig.toml': `[live.deploy.parameters]
stack_name = "shop"
region = "eu-west-1"
parameter_overrides = "Stage=\\"live\\" Other=1"
`,
      'src/orders.js': answer('orders'),
    },
  },
  {
    name: 'every event that waits for a service',
    files: {
      'template.json': JSON.stringify({
        Transform: 'AWS::Serverless-2016-10-31',
        Resources: {
          Worker: {
            Type: 'AWS::Serverless::Function',
            Properties: {
              CodeUri: './',
              Handler: 'worker.handler',
              Runtime: 'nodejs22.x',
              ReservedConcurrentExecutions: 3,
              AutoPublishAlias: 'live',
              DeploymentPreference: { Type: 'Canary10Percent5Minutes' },
              Events: {
                Tick: {
                  Type: 'Schedule',
                  Properties: { Schedule: 'rate(1 minute)', Input: '{"a":1}', Enabled: false },
                },
                Tock: {
                  Type: 'ScheduleV2',
                  Properties: {
                    ScheduleExpression: 'cron(0 6 * * ? *)',
                    ScheduleExpressionTimezone: 'Europe/Rome',
                  },
                },
                Jobs: {
                  Type: 'SQS',
                  Properties: {
                    Queue: { 'Fn::GetAtt': ['JobQueue', 'Arn'] },
                    BatchSize: 7,
                    FunctionResponseTypes: ['ReportBatchItemFailures'],
                    ScalingConfig: { MaximumConcurrency: 5 },
                    FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["a"]}}' }] },
                  },
                },
                News: {
                  Type: 'SNS',
                  Properties: { Topic: { Ref: 'NewsTopic' }, FilterPolicy: { kind: ['x'] } },
                },
                Upload: {
                  Type: 'S3',
                  Properties: {
                    Bucket: { Ref: 'Photos' },
                    Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'],
                    Filter: { S3Key: { Rules: [{ Name: 'suffix', Value: '.jpg' }] } },
                  },
                },
                Changes: {
                  Type: 'DynamoDB',
                  Properties: {
                    Stream: { 'Fn::GetAtt': ['Users', 'StreamArn'] },
                    StartingPosition: 'TRIM_HORIZON',
                    BatchSize: 10,
                  },
                },
                Clicks: {
                  Type: 'Kinesis',
                  Properties: {
                    Stream: 'arn:aws:kinesis:us-east-1:1:stream/clicks',
                    StartingPosition: 'LATEST',
                    MaximumRetryAttempts: 4,
                  },
                },
                Paid: {
                  Type: 'EventBridgeRule',
                  Properties: { EventBusName: 'shop', Pattern: { 'detail-type': ['paid'] } },
                },
                Lines: {
                  Type: 'CloudWatchLogs',
                  Properties: { LogGroupName: '/aws/lambda/api', FilterPattern: 'ERROR' },
                },
                Heat: { Type: 'IoTRule', Properties: { Sql: "SELECT * FROM 'plant/heat'" } },
                SignUp: {
                  Type: 'Cognito',
                  Properties: { UserPool: { Ref: 'People' }, Trigger: ['PreSignUp', 'PostConfirmation'] },
                },
                Skill: { Type: 'AlexaSkill' },
              },
            },
          },
          Extra: {
            Type: 'AWS::Lambda::EventSourceMapping',
            Properties: {
              EventSourceArn: { 'Fn::GetAtt': ['JobQueue', 'Arn'] },
              FunctionName: { Ref: 'Worker' },
              BatchSize: 1,
            },
          },
          JobQueue: { Type: 'AWS::SQS::Queue' },
          NewsTopic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'news' } },
          Photos: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'photos' } },
          Users: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'users' } },
          People: { Type: 'AWS::Cognito::UserPool' },
          Machine: { Type: 'AWS::Serverless::StateMachine', Properties: {} },
        },
      }),
      'worker.js': answer('worked'),
    },
  },
  {
    name: 'APIs with rules of their own, and functions of plain CloudFormation',
    files: {
      'template.yaml': `Transform: AWS::Serverless-2016-10-31
Resources:
  PublicApi:
    Type: AWS::Serverless::HttpApi
    Properties: { CorsConfiguration: { AllowOrigins: ['*'], AllowMethods: ['*'], AllowCredentials: true } }
  ClosedApi:
    Type: AWS::Serverless::Api
    Properties: { StageName: v1, Auth: { DefaultAuthorizer: Cognito } }
  Documented:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefinitionBody:
        openapi: 3.0.1
        paths:
          /documented/{id}:
            get:
              x-amazon-apigateway-integration:
                type: aws_proxy
                payloadFormatVersion: '2.0'
                uri: !Sub 'arn:aws:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/\${Api.Arn}/invocations'
  Api:
    Type: AWS::Serverless::Function
    Properties:
      Handler: api.handler
      Runtime: nodejs22.x
      FunctionUrlConfig: { AuthType: NONE, Cors: { AllowOrigins: ['https://a.example'] } }
      Events:
        Open: { Type: HttpApi, Properties: { ApiId: !Ref PublicApi, Path: /open, Method: GET } }
        Closed: { Type: Api, Properties: { RestApiId: !Ref ClosedApi, Path: /closed, Method: GET } }
        Health: { Type: Api, Properties: { RestApiId: !Ref ClosedApi, Path: /health, Method: GET, Auth: { Authorizer: NONE } } }
  Plain:
    Type: AWS::Lambda::Function
    Properties:
      Code: plain
      Handler: index.handler
      Runtime: nodejs22.x
      Role: !GetAtt Role.Arn
  Role: { Type: AWS::IAM::Role, Properties: {} }
`,
      'api.js': answer('api'),
      'plain/index.js': answer('plain'),
    },
  },
];
