import swagger from '@fastify/swagger';
import * as controlMessages from '../../contract/control-api.ts';
import * as releaseMessages from '../../contract/release-api.ts';
import type { Api } from './api-deps.ts';

/** A JSON document, as far as it is walked here. */
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type OpenApiDocument = { readonly [key: string]: Json };

const TAGS: readonly { readonly name: string; readonly description: string }[] = [
  { name: 'apps', description: 'What is deployed' },
  { name: 'releases', description: 'Immutable builds of a whole app' },
  { name: 'environments', description: 'Which release is served, and to whom' },
  { name: 'blobs', description: 'Files of built code, named by their SHA-256' },
  { name: 'git', description: 'Deploys by push, and what is told of deploys' },
  { name: 'variables', description: 'Environment variables and secrets' },
  { name: 'invocations', description: 'Direct calls' },
  { name: 'logs', description: 'What functions wrote' },
  { name: 'usage', description: 'The ledger of calls' },
  { name: 'tokens', description: 'Who may do what' },
  { name: 'runtimes', description: 'What the node can run code on' },
  { name: 'node', description: 'The node itself' },
];

/** Collects every route from now on; `openApiDocument` makes the document of them. */
export async function collectRoutes(api: Api, version: string): Promise<void> {
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Mayfly control API',
        version,
        description:
          'Deploys, configures, calls and watches the apps of a Mayfly node. Errors are problem documents (RFC 9457).',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: [...TAGS],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: '"mayfly token create" makes a token' },
        },
      },
      security: [{ bearer: [] }],
    } as Parameters<typeof swagger>[1] extends { openapi?: infer D } ? D : never,
  });
}

/**
 * The OpenAPI 3.1 document of every route, from the schemas that validate them. The contract's messages become
 * components with their own names, so that a generated client has names for them too.
 */
export function openApiDocument(api: Api): OpenApiDocument {
  const drawn = JSON.parse(JSON.stringify(api.swagger())) as OpenApiDocument;
  const named = contractSchemas();
  const names = new Map(named.map(([name, schema]) => [fingerprint(schema), name]));
  const schemas = Object.fromEntries(named.map(([name, schema]) => [name, inside(schema, names)]));
  const components = { ...(drawn.components as { readonly [key: string]: Json }), schemas };
  return { ...drawn, paths: withReferences(drawn.paths ?? {}, names), components };
}

/** The contract's schemas by name, without their `Schema`. */
function contractSchemas(): [string, Json][] {
  return [...Object.entries(controlMessages), ...Object.entries(releaseMessages)]
    .filter(([name]) => name.endsWith('Schema'))
    .map(([name, schema]) => [name.slice(0, -'Schema'.length), JSON.parse(JSON.stringify(schema)) as Json]);
}

/** The same with every schema that has a name replaced by a reference. */
function withReferences(value: Json, names: ReadonlyMap<string, string>): Json {
  const name = isObject(value) ? names.get(fingerprint(value)) : undefined;
  return name === undefined ? inside(value, names) : { $ref: `#/components/schemas/${name}` };
}

function inside(value: Json, names: ReadonlyMap<string, string>): Json {
  if (Array.isArray(value)) return value.map((item: Json) => withReferences(item, names));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withReferences(item, names)]));
}

/** Equal for schemas that mean the same here: the plugin loosens `patternProperties` and writes `const` as `enum`. */
function fingerprint(value: Json): string {
  return JSON.stringify(value, (_key, item: Json) => {
    if (!isObject(item)) return item;
    const { patternProperties, const: single, ...rest } = item;
    const [only] = isObject(patternProperties) ? Object.values(patternProperties) : [];
    const loose: Record<string, Json> = { ...rest };
    if (only !== undefined) loose.additionalProperties = only;
    if (single !== undefined) loose.enum = [single];
    return Object.fromEntries(Object.entries(loose).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
