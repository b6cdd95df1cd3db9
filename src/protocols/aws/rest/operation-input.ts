import type { TSchema } from 'typebox';
import Compile, { type Validator } from 'typebox/compile';
import { AwsError } from '../aws-error.ts';
import { queryOf } from '../sigv4/signed-request.ts';
import type { Operation } from './operation.ts';
import type { OperationMatch } from './operation-router.ts';

const compiled = new WeakMap<Operation, Validator>();
const NO_MEMBERS: Readonly<Record<string, unknown>> = Object.freeze({});

/**
 * The input of an operation: the members of the JSON body, the query and the path, checked.
 * @throws AwsError SerializationException (no JSON, a value of the wrong type), ValidationException (what the schema forbids)
 */
export function readInput({ operation, path }: OperationMatch, target: string, body: Buffer): unknown {
  const members = operation.body === 'bytes' ? NO_MEMBERS : membersIn(body);
  const query = queryMembers(operation, target);
  const input: Record<string, unknown> = { ...members, ...query, ...path };
  for (const [name, value] of Object.entries(input)) {
    // What is null is as good as absent.
    if (value === null) delete input[name];
    else input[name] = converted(operation.input.properties[name], value, name in query || name in path);
  }
  let validator = compiled.get(operation);
  if (validator === undefined) {
    validator = Compile(operation.input);
    compiled.set(operation, validator);
  }
  if (!validator.Check(input)) throw problemOf(validator, input);
  return input;
}

function membersIn(body: Buffer): Readonly<Record<string, unknown>> {
  if (body.length === 0) return NO_MEMBERS;
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw serialization('Could not parse request body into json');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw serialization('Expected the request body to be a JSON object');
}

/** A name that comes several times is a list (`tagKeys`). */
function queryMembers(operation: Operation, target: string): Record<string, unknown> {
  const names = operation.query ?? [];
  const members: Record<string, unknown> = {};
  if (names.length === 0) return members;
  for (const [name, value] of queryOf(target)) {
    if (!names.includes(name)) continue;
    const isList = operation.input.properties[name] !== undefined && typeOf(operation, name) === 'array';
    if (isList) members[name] = [...((members[name] as string[] | undefined) ?? []), value];
    else members[name] = value;
  }
  return members;
}

function typeOf(operation: Operation, name: string): string | undefined {
  return (operation.input.properties[name] as { readonly type?: string } | undefined)?.type;
}

/** Path and query are text on the wire. */
function converted(schema: TSchema | undefined, value: unknown, isText: boolean): unknown {
  const type = (schema as { readonly type?: string } | undefined)?.type;
  if (!isText || typeof value !== 'string') return value;
  if ((type === 'integer' || type === 'number') && /^-?\d+$/.test(value)) return Number(value);
  if (type === 'boolean' && /^(true|false)$/.test(value)) return value === 'true';
  return value;
}

/** In the words of AWS's own validators, which name members with a small first letter. */
function problemOf(validator: Validator, input: Readonly<Record<string, unknown>>): AwsError {
  const faults = validator.Errors(input);
  const wrongType = faults.find(({ keyword, instancePath }) => keyword === 'type' && !isChoice(instancePath));
  if (wrongType !== undefined) {
    const { instancePath, params } = wrongType;
    return serialization(`The value at '${memberName(instancePath)}' is not of type ${textOf(params)}`);
  }
  const texts = new Set(
    faults.flatMap((fault) => {
      const { keyword, instancePath, params } = fault;
      if (keyword === 'required') {
        const names = (params as { requiredProperties?: string[] }).requiredProperties ?? [];
        return names.map((name) => constraint(null, memberName(`${instancePath}/${name}`), 'not be null'));
      }
      const rule = ruleOf(keyword, params as Readonly<Record<string, unknown>>);
      if (rule === null) return [];
      return [constraint(valueAt(input, instancePath), memberName(instancePath), rule)];
    }),
  );
  const found = [...texts];
  const errors = found.length === 1 ? '1 validation error' : `${found.length} validation errors`;
  return new AwsError('ValidationException', 400, `${errors} detected: ${found.join('; ')}`);

  function isChoice(at: string): boolean {
    return faults.some(({ keyword, instancePath }) => keyword === 'anyOf' && instancePath === at);
  }
}

function constraint(value: unknown, member: string, rule: string): string {
  const shown = value === null ? 'null' : `'${typeof value === 'string' ? value : JSON.stringify(value)}'`;
  return `Value ${shown.slice(0, 256)} at '${member}' failed to satisfy constraint: Member must ${rule}`;
}

function ruleOf(keyword: string, params: Readonly<Record<string, unknown>>): string | null {
  switch (keyword) {
    case 'pattern':
      return `satisfy regular expression pattern: ${String(params.pattern)}`;
    case 'minLength':
    case 'minItems':
      return `have length greater than or equal to ${String(params.limit)}`;
    case 'maxLength':
    case 'maxItems':
      return `have length less than or equal to ${String(params.limit)}`;
    case 'minimum':
      return `have value greater than or equal to ${String(params.limit)}`;
    case 'maximum':
      return `have value less than or equal to ${String(params.limit)}`;
    case 'enum':
      return `satisfy enum value set: [${(params.allowedValues as unknown[]).join(', ')}]`;
    default:
      return keyword === 'const' ? null : 'satisfy the documented constraints';
  }
}

function memberName(instancePath: string): string {
  return instancePath
    .slice(1)
    .split('/')
    .map((name) => name.charAt(0).toLowerCase() + name.slice(1))
    .join('.');
}

function valueAt(input: unknown, instancePath: string): unknown {
  let value = input;
  for (const name of instancePath.slice(1).split('/')) value = (value as Record<string, unknown>)?.[name];
  return value ?? null;
}

function textOf(params: object): string {
  return String((params as { type?: unknown }).type);
}

function serialization(message: string): AwsError {
  return new AwsError('SerializationException', 400, message);
}
