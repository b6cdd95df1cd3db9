/**
 * Modules that a vendor's platform brings, and the dialect whose guest provides them. A function of that dialect always gets
 * the guest's, whether the author installed the package or not: a build leaves the import where it is. The guest of the
 * dialect calls `provideModule` for each of its names in `prepare`.
 */
const HOST_MODULES: Readonly<Record<string, string>> = {
  '@azure/functions': 'azure',
  '@fnproject/fdk': 'fn',
  '@google-cloud/functions-framework': 'google',
};

/** The dialect that an import of this module means, or null. */
export function dialectOfModule(name: string): string | null {
  return Object.hasOwn(HOST_MODULES, name) ? HOST_MODULES[name]! : null;
}

/** The modules that functions of this dialect import without bringing them. */
export function hostModulesOf(dialect: string): string[] {
  return Object.keys(HOST_MODULES).filter((name) => HOST_MODULES[name] === dialect);
}
