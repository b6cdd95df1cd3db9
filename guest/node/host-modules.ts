import { registerHooks } from 'node:module';

const SCHEME = 'mayfly-host:';
/** Where the text of a provided module finds its value. */
const VALUES = Symbol.for('mayfly.host-modules');

let values: Record<string, Readonly<Record<string, unknown>>> | null = null;

/**
 * Lets `import` and `require` of `name`, from wherever in the author's code, give this value instead of a package: its
 * members as named exports, itself as the default one and as what `require` returns. For `Dialect.prepare`: the modules
 * stand in `src/contract/host-modules.ts`, so that builds leave their imports alone.
 */
export function provideModule(name: string, value: Readonly<Record<string, unknown>>): void {
  if (values === null) {
    values = Object.create(null) as Record<string, Readonly<Record<string, unknown>>>;
    Object.defineProperty(globalThis, VALUES, { value: values });
    installHooks(values);
  }
  values[name] = value;
}

function installHooks(provided: Readonly<Record<string, Readonly<Record<string, unknown>>>>): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (!(specifier in provided)) return next(specifier, context);
      return { url: SCHEME + specifier, format: 'module', shortCircuit: true };
    },
    load(url, context, next) {
      if (!url.startsWith(SCHEME)) return next(url, context);
      const name = url.slice(SCHEME.length);
      return { format: 'module', source: moduleText(name, provided[name]!), shortCircuit: true };
    },
  });
}

/** An ES module, which `require` takes as well. */
function moduleText(name: string, value: Readonly<Record<string, unknown>>): string {
  let text = `const value = globalThis[Symbol.for('mayfly.host-modules')][${JSON.stringify(name)}];\n`;
  text += "export { value as default, value as 'module.exports' };\n";
  const names = Object.keys(value);
  for (let at = 0; at < names.length; at += 1) {
    text += `const member${at} = value[${JSON.stringify(names[at])}];\n`;
    text += `export { member${at} as ${JSON.stringify(names[at])} };\n`;
  }
  return text;
}
