import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import Compile, { type Validator } from 'typebox/compile';
import { MayflyError } from '../../domain/errors.ts';

/** What TypeBox reports besides the fault itself: a closed object names each key that it does not know. */
const ECHOES: ReadonlySet<string> = new Set(['boolean', 'anyOf']);

/**
 * Validates requests with the contract's own schemas. Compiled at a route's first request, so that starting the node
 * does not wait for it. Path and query arrive as text and are converted; bodies are taken as they are.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  let compiled: Validator | undefined;
  return (value: unknown) => {
    compiled ??= Compile(schema);
    const checked = httpPart === 'body' ? value : compiled.Convert(value);
    if (compiled.Check(checked)) return { value: checked };
    return { error: validationError(compiled, checked, httpPart ?? 'request') };
  };
};

type Fault = ReturnType<Validator['Errors']>[number];

function validationError(compiled: Validator, value: unknown, part: string): MayflyError {
  const faults = compiled.Errors(value);
  const telling = faults.filter(({ keyword }) => !ECHOES.has(keyword));
  const problems = (telling.length > 0 ? telling : faults).flatMap((fault) => problemsOf(fault));
  const message = problems.map(({ path, message: what }) => `${part}${path} ${what}`).join('; ');
  return new MayflyError('VALIDATION_FAILED', message, { details: { problems } });
}

/** Names the very field, where the fault is that it is missing or should not be there. */
function problemsOf({ keyword, instancePath, message, params }: Fault): { path: string; message: string }[] {
  if (keyword === 'required') {
    return namesIn(params, 'requiredProperties').map((name) => ({
      path: `${instancePath}/${name}`,
      message: 'is missing',
    }));
  }
  if (keyword === 'additionalProperties') {
    return namesIn(params, 'additionalProperties').map((name) => ({
      path: `${instancePath}/${name}`,
      message: 'is unknown',
    }));
  }
  return [{ path: instancePath, message }];
}

const NAMES_MAX = 20;

function namesIn(params: object, key: string): string[] {
  const names = (params as Record<string, unknown>)[key];
  return Array.isArray(names) ? names.slice(0, NAMES_MAX).map(String) : [];
}
