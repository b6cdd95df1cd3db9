import { nearestWord } from '../kit/edit-distance.ts';

/** The part of JSON Schema that the configuration uses. */
export interface Schema {
  readonly title?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

export type KeyPath = readonly (string | number)[];

/** One place where a value is not what the schema asks for, in words. */
export interface Mismatch {
  readonly path: KeyPath;
  /** Whether the key itself is wrong, or the value under it. */
  readonly at: 'key' | 'value';
  readonly message: string;
  readonly suggestion: string | null;
}

/**
 * Every mismatch between a value and a schema. A general validator says of a wrong value in a union that it matches
 * none of the branches, and why not for each; an author wants one sentence. So a union is judged by the branch whose
 * shape (mapping, list) the value has, and by its title otherwise.
 */
export function findMismatches(schema: Schema, value: unknown, path: KeyPath = []): Mismatch[] {
  if (schema.anyOf !== undefined) return inUnion(schema, schema.anyOf, value, path);
  if (!isOfType(schema, value) || schema.enum?.includes(value) === false)
    return [wrongValue(schema, value, path)];
  if (Array.isArray(value)) return inList(schema, value, path);
  if (isMapping(value)) return inMapping(schema, value, path);
  return isInRange(schema, value) ? [] : [wrongValue(schema, value, path)];
}

function inUnion(schema: Schema, branches: readonly Schema[], value: unknown, path: KeyPath): Mismatch[] {
  const failures = branches.map((branch) => findMismatches(branch, value, path));
  if (failures.some((list) => list.length === 0)) return [];
  const shape = Array.isArray(value) ? 'array' : isMapping(value) ? 'object' : null;
  const branch = shape === null ? -1 : branches.findIndex((candidate) => candidate.type === shape);
  return failures[branch] ?? [wrongValue(schema, value, path)];
}

function inList(schema: Schema, list: readonly unknown[], path: KeyPath): Mismatch[] {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items } = schema;
  if (list.length < minItems || list.length > maxItems) return [wrongValue(schema, list, path)];
  return items === undefined
    ? []
    : list.flatMap((item, index) => findMismatches(items, item, [...path, index]));
}

function inMapping(schema: Schema, mapping: Readonly<Record<string, unknown>>, path: KeyPath): Mismatch[] {
  const known = schema.properties ?? {};
  const missing = (schema.required ?? []).filter((key) => !Object.hasOwn(mapping, key));
  return [
    ...missing.map((key): Mismatch => {
      return { path, at: 'value', message: `${sayPath(path)} needs "${key}"`, suggestion: null };
    }),
    ...Object.entries(mapping).flatMap(([key, value]) => {
      const own = Object.hasOwn(known, key) ? known[key] : patternSchema(schema, key);
      if (own !== undefined) return findMismatches(own, value, [...path, key]);
      return schema.additionalProperties === false ? [unknownKey(schema, key, path)] : [];
    }),
  ];
}

function patternSchema(schema: Schema, key: string): Schema | undefined {
  const entries = Object.entries(schema.patternProperties ?? {});
  return entries.find(([pattern]) => new RegExp(pattern).test(key))?.[1];
}

function unknownKey(schema: Schema, key: string, path: KeyPath): Mismatch {
  const where = { path: [...path, key], at: 'key' } as const;
  if (schema.patternProperties !== undefined) {
    const message = `"${key}" is no valid name here: ${sayPath(path)} is ${schema.title ?? 'a mapping'}`;
    return { ...where, message, suggestion: null };
  }
  const nearest = nearestWord(key, Object.keys(schema.properties ?? {}));
  const owner = path.length === 0 ? '' : ` in ${sayPath(path)}`;
  return {
    ...where,
    message: `unknown key "${key}"${owner}`,
    suggestion: nearest === null ? null : `did you mean "${nearest}"?`,
  };
}

function wrongValue(schema: Schema, value: unknown, path: KeyPath): Mismatch {
  const message = `${sayPath(path)} must be ${schema.title ?? schema.type ?? 'something else'}, not ${say(value)}`;
  const allowed = (schema.enum ?? []).map(String);
  const nearest = typeof value === 'string' ? nearestWord(value, allowed) : null;
  return { path, at: 'value', message, suggestion: nearest === null ? null : `did you mean "${nearest}"?` };
}

function isOfType(schema: Schema, value: unknown): boolean {
  switch (schema.type) {
    case 'object':
      return isMapping(value);
    case 'array':
      return Array.isArray(value);
    case 'null':
      return value === null;
    case 'integer':
      return Number.isInteger(value);
    case 'string':
    case 'boolean':
      return typeof value === schema.type;
    case 'number':
      return Number.isFinite(value);
    default:
      return true;
  }
}

function isInRange(schema: Schema, value: unknown): boolean {
  if (typeof value === 'number') {
    return value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity);
  }
  if (typeof value !== 'string') return true;
  const { minLength = 0, maxLength = Infinity, pattern } = schema;
  return (
    value.length >= minLength &&
    value.length <= maxLength &&
    (pattern === undefined || new RegExp(pattern).test(value))
  );
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `functions.hello.routes[0]`; the top is "the configuration". */
export function sayPath(path: KeyPath): string {
  if (path.length === 0) return 'the configuration';
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index ? `.${part}` : part))
    .join('');
}

function say(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'function') return 'a function';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
