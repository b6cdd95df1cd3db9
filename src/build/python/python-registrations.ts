import type { PythonSource } from './python-source.ts';

/** A function that a vendor's decorator makes known by a name. */
export interface RegisteredFunction {
  readonly name: string;
  readonly dialect: string;
  /** Of its `def`, from 1. */
  readonly line: number;
}

const GOOGLE = /^(functions_framework\.)?(http|cloud_event|typed)$/;
/** A trigger, whatever the application or blueprint is called. */
const AZURE = /^\w+\.(route|schedule|\w+_trigger)$/;

/** The functions that decorators of Google's framework and of Azure's programming model register. */
export function registeredFunctions({ decorated, modules }: PythonSource): RegisteredFunction[] {
  const isOf = (module: string) =>
    [...modules].some((name) => name === module || name.startsWith(`${module}.`));
  if (isOf('functions_framework')) {
    return decorated
      .filter(({ decorators }) => decorators.some(({ path }) => GOOGLE.test(path)))
      .map(({ name, line }) => ({ name, dialect: 'google', line }));
  }
  if (!isOf('azure.functions')) return [];
  return decorated
    .filter(({ decorators }) => decorators.some(({ path }) => AZURE.test(path)))
    .map(({ name, line, decorators }) => {
      const named = decorators.find(({ path }) => path.endsWith('.function_name'))?.options;
      return { name: String(named?.name ?? named?.['0'] ?? name), dialect: 'azure', line };
    });
}
