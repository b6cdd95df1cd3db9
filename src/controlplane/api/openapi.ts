import swagger from '@fastify/swagger';
import type { TSchema } from 'typebox';
import * as contract from '../../contract/control-api.ts';
import type { Api } from './api-deps.ts';

/** A JSON document, as far as it is walked here. */
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type OpenApiDocument = { readonly [key: string]: Json };

const TAGS: readonly { readonly name: string; readonly description: string }[] = [
  { name: 'apps', description: 'What is deployed' },
  { name: 'releases', description: 'Immutable builds of a whole app' },
  { name: 'blobs', description: 'Files of built code, named by their SHA-256' },
  { name: 'variables', description: 'Environment variables and secrets' },
  { name: 'invocations', description: 'Direct calls' },
  { name: 'logs', description: 'What functions wrote' },
  { name: 'usage', description: 'The ledger of calls' },
  { name: 'tokens', description: 'Who may do what' },
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
  const plain = JSON.parse(JSON.stringify(api.swagger())) as OpenApiDocument;
  const names = componentNames();
  const components = (plain.components ?? {}) as { readonly [key: string]: Json };
  const paths = withReferences(plain.paths ?? {}, names) as OpenApiDocument;
  const schemas: Record<string, Json> = {};
  for (const [text, name] of names) schemas[name] = withReferences(JSON.parse(text) as Json, names, text);
  return { ...plain, paths, components: { ...components, schemas } };
}

/** JSON text of a schema → the name that the contract gives it, without its `Schema`. */
function componentNames(): Map<string, string> {
  const names = new Map<string, string>();
  for (const [name, value] of Object.entries(contract)) {
    if (!name.endsWith('Schema')) continue;
    names.set(JSON.stringify(value as TSchema), name.slice(0, -'Schema'.length));
  }
  return names;
}

/** The same with every schema that has a name replaced by a reference; `own`: not at the very top. */
function withReferences(value: Json, names: ReadonlyMap<string, string>, own?: string): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item: Json) => withReferences(item, names));
  const text = JSON.stringify(value);
  const name = text === own ? undefined : names.get(text);
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withReferences(item as Json, names)]),
  );
}
