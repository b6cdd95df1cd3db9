import { isBuiltin } from 'node:module';
import { type Program, Visitor } from 'oxc-parser';
import type { Power } from './table.ts';

/** A spot where a file reaches for something beside pure computation. `at` is an offset into the text. */
export interface RawTouch {
  readonly power: Power;
  /** As it stands in the source, for the message: `Date.now`, `node:fs`, `setTimeout`. */
  readonly what: string;
  readonly at: number;
}

interface RawImport {
  readonly specifier: string;
  readonly at: number;
}

const MODULES: ReadonlyMap<string, Power> = new Map([
  ...[
    'fs',
    'fs/promises',
    'child_process',
    'net',
    'tls',
    'dgram',
    'dns',
    'dns/promises',
    'sqlite',
    'worker_threads',
    'cluster',
  ].map((name) => [name, 'io'] as const),
  ...['http', 'https', 'http2'].map((name) => [name, 'http'] as const),
  ...['timers', 'timers/promises'].map((name) => [name, 'timers'] as const),
  ['perf_hooks', 'clock'],
]);

/** `object.property`, whatever follows. */
const MEMBERS: ReadonlyMap<string, Power> = new Map([
  ['Date.now', 'clock'],
  ['performance.now', 'clock'],
  ['performance.timeOrigin', 'clock'],
  ['process.hrtime', 'clock'],
  ['process.uptime', 'clock'],
  ['process.env', 'environment'],
  ['Math.random', 'random'],
  ['crypto.randomUUID', 'random'],
  ['crypto.getRandomValues', 'random'],
  ['AbortSignal.timeout', 'timers'],
]);

const GLOBALS: ReadonlyMap<string, Power> = new Map([
  ['setTimeout', 'timers'],
  ['setInterval', 'timers'],
  ['setImmediate', 'timers'],
]);

/** Names of `node:net` that compute and touch nothing. */
const PURE_NAMES: ReadonlySet<string> = new Set(['isIP', 'isIPv4', 'isIPv6', 'BlockList', 'SocketAddress']);

/** Names that `node:crypto` exports and that draw random numbers. */
const CRYPTO_RANDOM = /^(random|generate|webcrypto$|getRandomValues$)/;

const SQL_STATEMENT =
  /^\s*(SELECT\s.+\sFROM\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|(CREATE|ALTER|DROP)\s+(UNIQUE\s+)?(TABLE|INDEX|VIEW|TRIGGER)\s|PRAGMA\s+\w+)/is;

/** Everything a parsed file imports (types included) and touches, in the order of the text. */
export function findTouches(program: Program): { imports: RawImport[]; touches: RawTouch[] } {
  const imports: RawImport[] = [];
  const touches: RawTouch[] = [];
  /** Offsets of identifiers that are names of properties, not references. */
  const propertyNames = new Set<number>();

  const addImport = (specifier: string, at: number, harmless = false): void => {
    imports.push({ specifier, at });
    const name = specifier.replace(/^node:/, '');
    const power = MODULES.get(name);
    if (power !== undefined && harmless) return;
    if (power !== undefined) touches.push({ power, what: `node:${name}`, at });
    else if (!/^(\.|data:)/.test(specifier) && !isBuiltin(specifier)) {
      touches.push({ power: 'npm', what: specifier, at });
    }
  };
  const addText = (text: string, at: number): void => {
    if (SQL_STATEMENT.test(text)) touches.push({ power: 'sql', what: `"${text.trim().slice(0, 30)}…"`, at });
  };

  new Visitor({
    ImportDeclaration(node) {
      const harmless =
        node.importKind === 'type' ||
        (node.specifiers.length > 0 && node.specifiers.every(({ local }) => PURE_NAMES.has(local.name)));
      addImport(node.source.value, node.start, harmless);
      if (node.source.value !== 'node:crypto') return;
      for (const entry of node.specifiers) {
        if (entry.type !== 'ImportSpecifier' || entry.imported.type !== 'Identifier') continue;
        const { name } = entry.imported;
        if (CRYPTO_RANDOM.test(name)) touches.push({ power: 'random', what: name, at: entry.start });
      }
    },
    ExportNamedDeclaration(node) {
      if (node.source !== null) addImport(node.source.value, node.start);
    },
    ExportAllDeclaration(node) {
      addImport(node.source.value, node.start);
    },
    ImportExpression(node) {
      if (node.source.type === 'Literal') addImport(String(node.source.value), node.start);
    },
    TSImportType(node) {
      addImport(node.source.value, node.start, true);
    },
    MemberExpression(node) {
      if (node.computed || node.property.type !== 'Identifier') return;
      propertyNames.add(node.property.start);
      if (node.object.type !== 'Identifier') return;
      const what = `${node.object.name}.${node.property.name}`;
      const viaGlobal = node.object.name === 'globalThis' ? GLOBALS.get(node.property.name) : undefined;
      const viaCrypto =
        node.object.name === 'crypto' && CRYPTO_RANDOM.test(node.property.name) ? 'random' : undefined;
      const power = MEMBERS.get(what) ?? viaGlobal ?? viaCrypto;
      if (power !== undefined) touches.push({ power, what, at: node.start });
    },
    NewExpression(node) {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0) {
        touches.push({ power: 'clock', what: 'new Date()', at: node.start });
      }
    },
    CallExpression(node) {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date') {
        touches.push({ power: 'clock', what: 'Date()', at: node.start });
      }
    },
    Property(node) {
      if (!node.computed && !node.shorthand) propertyNames.add(node.key.start);
    },
    PropertyDefinition(node) {
      if (!node.computed) propertyNames.add(node.key.start);
    },
    MethodDefinition(node) {
      if (!node.computed) propertyNames.add(node.key.start);
    },
    TSPropertySignature(node) {
      propertyNames.add(node.key.start);
    },
    TSMethodSignature(node) {
      propertyNames.add(node.key.start);
    },
    Identifier(node) {
      const power = GLOBALS.get(node.name);
      if (power !== undefined && !propertyNames.has(node.start)) {
        touches.push({ power, what: node.name, at: node.start });
      }
    },
    Literal(node) {
      if (typeof node.value === 'string') addText(node.value, node.start);
    },
    TemplateLiteral(node) {
      addText(node.quasis.map((part) => part.value.cooked ?? part.value.raw).join('?'), node.start);
    },
  }).visit(program);

  return { imports, touches };
}
