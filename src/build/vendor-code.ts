import { dialectOfModule } from '../contract/host-modules.ts';
import { readMemberNames, readObjectLiteral } from './object-literal.ts';

/** What a source file says about the vendor that it was written for, as far as can be told without running it. */
export interface VendorCode {
  /** Dialects whose modules or globals it uses. More than one is ambiguous. */
  readonly dialects: readonly string[];
  /** Functions that it registers by name with its vendor's module, in its order. */
  readonly registrations: readonly Registration[];
}

/** `app.http("list", …)`. */
export interface Registration {
  /** `http`, `cloudEvent`, `timer`, `storageQueue` …: the method that was called. */
  readonly kind: string;
  readonly name: string;
  /** What it is registered with, as far as it is written out: `{methods: ["GET"], route: "items/{id}", …}`. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Names of all that it is registered with. */
  readonly members: readonly string[];
}

/** `import … from "x"`, `import "x"`, `require("x")`. */
const IMPORT = /(?:^import\b[^"]*|\brequire\()"([^"]+)"/gm;
/** AWS's runtimes define it; nobody else's do. */
const AWS_GLOBAL = /\bawslambda\.(?:streamifyResponse|HttpResponseStream)\b/;

/** A call with a name and something after it: `functions.http("list", …`, `http("list", …`. */
const CALL = /(?<![\w$.])((?:[\w$]+\.)*)([\w$]+)\("([^"\\]+)", /g;
const GOOGLE_KINDS: ReadonlySet<string> = new Set(['http', 'cloudEvent', 'typed']);
/** The names under which a file imports Azure's `app`, besides its own. */
const AZURE_APP = /\bapp(?: as|:) ([\w$]+)/g;

/** Reads esbuild's print of a source file, which has no comments and one way of writing. */
export function readVendorCode(printed: string): VendorCode {
  const dialects = new Set<string>();
  for (const [, name = ''] of printed.matchAll(IMPORT)) {
    const dialect = dialectOfModule(name);
    if (dialect !== null) dialects.add(dialect);
  }
  if (AWS_GLOBAL.test(printed)) dialects.add('lambda');
  return { dialects: [...dialects], registrations: readRegistrations(printed, [...dialects]) };
}

function readRegistrations(printed: string, dialects: readonly string[]): Registration[] {
  const isRegistrar = registrarOf(printed, dialects);
  if (isRegistrar === null) return [];
  const found: Registration[] = [];
  for (const call of printed.matchAll(CALL)) {
    const [text, path = '', kind = '', name = ''] = call;
    if (!isRegistrar(path.split('.').at(-2) ?? '', kind)) continue;
    const start = call.index + text.length;
    const options = readObjectLiteral(printed, start) ?? {};
    found.push({ kind, name, options, members: readMemberNames(printed, start) });
  }
  return found;
}

/** Whether a call of `object.method` registers a function. */
function registrarOf(
  printed: string,
  dialects: readonly string[],
): ((object: string, method: string) => boolean) | null {
  if (dialects.includes('google')) return (_object, method) => GOOGLE_KINDS.has(method);
  if (!dialects.includes('azure')) return null;
  const names = new Set(['app', ...[...printed.matchAll(AZURE_APP)].map(([, name = '']) => name)]);
  return (object) => names.has(object);
}
