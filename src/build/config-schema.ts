import Type, { type Static } from 'typebox';
import { DEFAULT_RUNTIME, DIALECTS, RUNTIMES } from '../contract/runtimes.ts';
import { SIZE_PATTERN } from '../kit/quantity.ts';
import { duration } from './duration-schema.ts';
import { CanarySchema, ResourcesSchema, SmokeListSchema } from './release-schema.ts';
import { TriggerFileSchema } from './trigger-schema.ts';

/**
 * What may stand in `mayfly.yaml` and `mayfly.config.ts`. `schema/mayfly.schema.json` is this very schema, printed by
 * `npm run docs`. `title` is the noun phrase that error messages use ("must be TITLE"); `description` is
 * what an editor shows.
 */
const closed = { additionalProperties: false } as const;

const count = (minimum: number, maximum: number, description: string) =>
  Type.Integer({ minimum, maximum, title: `a whole number from ${minimum} to ${maximum}`, description });
const words = (title: string, description: string, pattern = '^.{1,256}$') =>
  Type.Array(Type.String({ pattern, title: `one of the ${title}, as text` }), {
    title: `a list of ${title}`,
    description,
    maxItems: 64,
  });

const oneOf = (names: readonly string[]): string => {
  const quoted = names.map((name) => `"${name}"`);
  return quoted.length < 2 ? quoted.join() : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
};

const HEADER = "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$";

const METHOD = '^(\\*|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$';
const MethodSchema = Type.String({
  pattern: METHOD,
  title: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS or * (every method)',
});

const CorsSchema = Type.Union(
  [
    Type.Boolean(),
    Type.Object(
      {
        origins: Type.Optional(words('origins', 'Origins that may call, or "*". Default: "*".')),
        methods: Type.Optional(words('methods', "Default: the route's own.", '^[A-Z]{1,16}$')),
        headers: Type.Optional(
          words('header names', 'Request headers that may be sent. Default: "*".', HEADER),
        ),
        exposeHeaders: Type.Optional(
          words('header names', 'Response headers that scripts may read.', HEADER),
        ),
        credentials: Type.Optional(
          Type.Boolean({
            title: 'true or false',
            description: 'Whether cookies may be sent. Default: false.',
          }),
        ),
        maxAge: Type.Optional(
          duration('How long a browser may remember the answer. Default: 10m, most: 1d.'),
        ),
      },
      closed,
    ),
  ],
  {
    title: 'true (any origin), false, or a mapping with "origins"',
    description: 'Cross-origin calls from browsers. Default: none.',
  },
);

const RouteSchema = Type.Union(
  [
    Type.String({ pattern: '^((\\*|[A-Z]+) +)?/\\S*$' }),
    Type.Object(
      {
        path: Type.String({ pattern: '^/', title: 'a path that begins with "/"' }),
        method: Type.Optional(MethodSchema),
        methods: Type.Optional(Type.Array(MethodSchema, { title: 'a list of methods', minItems: 1 })),
        cors: Type.Optional(CorsSchema),
      },
      closed,
    ),
  ],
  { title: 'a route such as "GET /users/:id", or a mapping with "path"' },
);

const shared = {
  runtime: Type.Optional(
    Type.Enum(Object.keys(RUNTIMES), {
      title: oneOf(Object.keys(RUNTIMES)),
      description: `What runs the code. Default: ${DEFAULT_RUNTIME}.`,
    }),
  ),
  dialect: Type.Optional(
    Type.Enum(Object.keys(DIALECTS), {
      title: oneOf(Object.keys(DIALECTS)),
      description: "Whose handler contract the code follows. Default: told from the file's exports.",
    }),
  ),
  memory: Type.Optional(
    Type.Union([Type.String({ pattern: SIZE_PATTERN }), Type.Number({ minimum: 0 })], {
      title: 'a size such as "256MB" or "1GB", or a number of MB',
      description: 'Hard memory bound of an instance, 64MB to 10GB. CPU share follows it. Default: 128MB.',
    }),
  ),
  cpu: Type.Optional(
    count(
      10,
      64_000,
      'CPU share of an instance, thousandths of a vCPU. Default: follows memory, 1000 at 1769MB.',
    ),
  ),
  timeout: Type.Optional(duration('How long one call may take, at most 1d. Default: 30s.')),
  initTimeout: Type.Optional(duration('How long loading the code may take, at most 15m. Default: 10s.')),
  env: Type.Optional(
    Type.Record(
      Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,255}$' }),
      Type.Union([Type.String({ maxLength: 32_768 }), Type.Number(), Type.Boolean()], {
        title: 'a text, a number, true or false',
      }),
      {
        ...closed,
        title: 'a mapping of variable names (letters, digits, "_") to values',
        description: 'Environment variables. Secrets do not belong here: "mayfly secret set".',
      },
    ),
  ),
  network: Type.Optional(
    Type.Enum(['full', 'none'], {
      title: '"full" or "none"',
      description: 'What the code may reach; none leaves only the platform. Default: full.',
    }),
  ),
  concurrency: Type.Optional(
    Type.Object(
      {
        perInstance: Type.Optional(count(1, 1_000, 'Calls that one instance serves at a time. Default: 1.')),
        max: Type.Optional(count(1, 10_000, 'Most instances at a time. Default: 100.')),
        provisioned: Type.Optional(count(0, 1_000, 'Instances kept ready when nobody calls. Default: 0.')),
      },
      { ...closed, title: 'a mapping with "perInstance", "max" or "provisioned"' },
    ),
  ),
  queue: Type.Optional(
    Type.Union(
      [
        Type.Integer({ minimum: 0, maximum: 1_000_000 }),
        Type.Object(
          {
            max: Type.Optional(count(0, 1_000_000, 'Calls that may wait; one more gets 429. Default: 1000.')),
            timeout: Type.Optional(duration('Longest wait, at most 15m; then 429. Default: 30s.')),
          },
          closed,
        ),
      ],
      {
        title: 'a whole number of calls up to 1000000, or a mapping with "max" or "timeout"',
        description: 'Calls that wait for an instance.',
      },
    ),
  ),
  keepAlive: Type.Optional(
    duration("How long an idle instance is kept, at most 1d. Default: learned from the function's rhythm."),
  ),
  cors: Type.Optional(CorsSchema),
  external: Type.Optional(words('package names', 'Packages to ship as files instead of bundling.')),
  include: Type.Optional(words('globs', "Further files to ship, relative to the app's folder.")),
  minify: Type.Optional(Type.Boolean({ title: 'true or false', description: 'Default: false.' })),
};

const FunctionSchema = Type.Object(
  {
    handler: Type.Optional(
      Type.String({
        minLength: 1,
        title: 'a file, or "file#export"',
        description: 'Default: functions/NAME.*. With dialects whose vendors write so also "file.export".',
      }),
    ),
    command: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 4_096, title: 'a word, as text' }), {
        minItems: 1,
        maxItems: 256,
        title: 'a list of words such as [python3, app.py]',
        description:
          "What starts the program, in its root, in place of the handler's file: for runtimes that run programs.",
      }),
    ),
    image: Type.Optional(
      Type.String({
        pattern: '^[^/\\\\]([^\\\\]{0,1022}[^\\\\])?$',
        title: "a path in the app's folder",
        description:
          'A container image: an archive (OCI or docker save), a folder with an OCI layout, or a Dockerfile. Implies runtime: container.',
      }),
    ),
    contract: Type.Optional(
      Type.Enum(['port', 'runtime-api'], {
        title: '"port" or "runtime-api"',
        description:
          "How a container gets its calls: as requests to the port in PORT, or by AWS's Lambda Runtime API. Default: port.",
      }),
    ),
    root: Type.Optional(
      Type.String({
        pattern: '^[^/\\\\!*]([^\\\\]{0,1022}[^/\\\\])?$',
        title: "a folder, relative to the app's",
        description:
          "Folder that is the function's own: handler and include are relative to it, and its files lie at the top. Default: the app's.",
      }),
    ),
    routes: Type.Optional(
      Type.Array(RouteSchema, {
        maxItems: 1_000,
        title: 'a list of routes',
        description: 'Default: every method at /NAME (at / for "index"). An empty list: no HTTP.',
      }),
    ),
    triggers: Type.Optional(
      Type.Array(TriggerFileSchema, {
        maxItems: 100,
        title: 'a list of triggers',
        description:
          'Event sources other than HTTP. One whose service the node lacks is kept and begins to work when it comes.',
      }),
    ),
    ...shared,
  },
  { ...closed, title: 'a mapping' },
);

export const AppFileSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String({ title: 'a text' })),
    name: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
        title: 'a name of lower-case letters, digits and inner hyphens, at most 63 characters',
        description: "The app's name. Default: the folder's.",
      }),
    ),
    discover: Type.Optional(
      Type.Boolean({
        title: 'true or false',
        description: 'Whether files in functions/ are functions without being named here. Default: true.',
      }),
    ),
    canary: Type.Optional(CanarySchema),
    smoke: Type.Optional(SmokeListSchema),
    resources: Type.Optional(ResourcesSchema),
    ...shared,
    functions: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' }),
        Type.Union([FunctionSchema, Type.Null()], { title: 'a mapping' }),
        {
          ...closed,
          title: 'a mapping of names (lower-case letters, digits, inner hyphens) to functions',
          description: 'Settings of single functions, by name. Files in functions/ need no entry.',
        },
      ),
    ),
  },
  {
    ...closed,
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'a mapping',
    description: 'mayfly.yaml: a Mayfly app. Settings beside "functions" hold for every function.',
  },
);

/** The content of `mayfly.yaml`, or the default export of `mayfly.config.ts`. */
export type AppFile = Static<typeof AppFileSchema>;
export type FunctionFile = Static<typeof FunctionSchema>;
/** Settings that may stand for one function or for all. */
export type SharedSettings = Omit<
  FunctionFile,
  'handler' | 'command' | 'image' | 'contract' | 'root' | 'routes' | 'triggers'
>;
export type CorsFile = Static<typeof CorsSchema>;
export type RouteFile = Static<typeof RouteSchema>;
