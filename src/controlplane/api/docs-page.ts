import type { OpenApiDocument } from './openapi.ts';

/** What of an OpenAPI 3.1 document the page shows. */
interface Operation {
  readonly method: string;
  readonly path: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly unknown[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Content };
  readonly responses?: Readonly<
    Record<string, { readonly description?: string; readonly content?: Content }>
  >;
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: unknown;
}
type Content = Readonly<Record<string, { readonly schema?: unknown }>>;

/**
 * The API as one HTML page, drawn on the node: no script, no font and no picture from anywhere, so that it works where
 * there is no network and there is nothing to attack. Known renderers bring 1 to 3 MB of script for the same.
 */
export function docsPage(document: OpenApiDocument): string {
  const info = document.info as { title: string; version: string; description: string };
  const tags = document.tags as readonly { name: string; description: string }[];
  const operations = operationsOf(document.paths as Record<string, Record<string, object>>);
  const schemas = (document.components as { schemas: Record<string, unknown> }).schemas;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${text(info.title)}</title>
<meta name="viewport" content="width=device-width"><style>${STYLE}</style></head><body>
<nav>${tags.map(({ name }) => `<a href="#${text(name)}">${text(name)}</a>`).join('')}<a href="#schemas">schemas</a></nav>
<main><h1>${text(info.title)} <small>${text(info.version)}</small></h1><p>${text(info.description)}</p>
<p>The same for programs: <a href="openapi.json">openapi.json</a></p>
${tags.map((tag) => section(tag, operations)).join('\n')}
<h2 id="schemas">schemas</h2>${Object.entries(schemas).map(named).join('')}</main></body></html>`;
}

function operationsOf(paths: Record<string, Record<string, object>>): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path })),
  );
}

function section(tag: { name: string; description: string }, operations: readonly Operation[]): string {
  const own = operations.filter(({ tags }) => tags?.includes(tag.name));
  return `<h2 id="${text(tag.name)}">${text(tag.name)}</h2><p>${text(tag.description)}</p>${own.map(operationCard).join('')}`;
}

function operationCard(operation: Operation): string {
  const { method, path, summary, description, security, parameters, requestBody, responses } = operation;
  const open = security?.length === 0 ? ' <em>no token needed</em>' : '';
  return `<details><summary><b class="${text(method)}">${text(method.toUpperCase())}</b> <code>${text(path)}</code> ${text(summary ?? '')}${open}</summary>
${description === undefined ? '' : `<p>${text(description)}</p>`}
${parameters === undefined ? '' : `<h3>Parameters</h3><dl>${parameters.map(parameterRow).join('')}</dl>`}
${requestBody === undefined ? '' : `<h3>Body</h3>${contentOf(requestBody.content)}`}
<h3>Answers</h3><dl>${Object.entries(responses ?? {})
    .map(
      ([status, answer]) =>
        `<dt>${text(status)}</dt><dd>${text(answer.description ?? '')} ${contentOf(answer.content)}</dd>`,
    )
    .join('')}</dl></details>`;
}

function parameterRow({ name, in: place, required, description, schema }: Parameter): string {
  const needed = required === true ? ', required' : '';
  return `<dt><code>${text(name)}</code></dt><dd>${text(place)}${needed} ${text(description ?? '')} ${typeOf(schema)}</dd>`;
}

function contentOf(content: Content | undefined): string {
  return Object.entries(content ?? {})
    .map(([type, { schema }]) => `<div><code>${text(type)}</code> ${typeOf(schema)}</div>`)
    .join('');
}

function named([name, schema]: [string, unknown]): string {
  return `<details id="schema-${text(name)}"><summary><code>${text(name)}</code></summary>${typeOf(schema)}</details>`;
}

const REFERENCE = '#/components/schemas/';

/** A schema as JSON, with a link for every reference. */
function typeOf(schema: unknown): string {
  const reference = (schema as { $ref?: string } | undefined)?.$ref;
  if (reference !== undefined) return link(reference);
  const json = text(JSON.stringify(schema ?? {}, null, 2));
  if (json === '{}') return '';
  const linked = json.replaceAll(
    /\{\s*&quot;\$ref&quot;: &quot;(#\/components\/schemas\/\w+)&quot;\s*\}/g,
    (_all, target: string) => link(target),
  );
  return `<pre>${linked}</pre>`;
}

function link(reference: string): string {
  const name = text(reference.slice(REFERENCE.length));
  return `<a href="#schema-${name}">${name}</a>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function text(value: string): string {
  return value.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}

const STYLE = `
:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}
body{margin:0;display:grid;grid-template-columns:11rem minmax(0,60rem);gap:2rem}
nav{position:sticky;top:0;height:100vh;padding:1.5rem 1rem;box-sizing:border-box;background:color-mix(in srgb,CanvasText 5%,Canvas)}
nav a{display:block;padding:.15rem 0;text-decoration:none}main{padding:1rem 1rem 4rem}small,em{opacity:.6;font-weight:400}
h2{margin:2rem 0 .2rem;text-transform:capitalize}h3{margin:.8rem 0 .2rem;font-size:.9rem}
details{border:1px solid color-mix(in srgb,CanvasText 15%,Canvas);border-radius:6px;margin:.4rem 0;padding:.4rem .8rem}
summary{cursor:pointer}b{display:inline-block;min-width:4.2rem;font-family:ui-monospace,monospace}
.get{color:#1a7f4e}.post{color:#2563c9}.put{color:#a86400}.delete{color:#c02f2f}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.3rem 0}dd{margin:0;min-width:0}
pre{overflow:auto;font-size:12.5px;background:color-mix(in srgb,CanvasText 5%,Canvas);padding:.6rem;border-radius:4px}
@media(max-width:50rem){body{display:block}nav{position:static;height:auto}nav a{display:inline-block;margin-right:1rem}}
`;
