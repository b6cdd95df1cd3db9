import type { HttpCall } from '../../../../src/contract/guest-messages.ts';
import type { Answer } from '../../answer.ts';
import type { Call } from '../../call.ts';
import { addDefaultHeader } from '../../header-fields.ts';
import type { Responder } from '../../responder.ts';
import { toJson } from '../../result.ts';

/** What follows an action's name, and the field that is taken when the path names none. */
const DEFAULT_FIELDS = { json: null, html: 'html', svg: 'svg', text: 'text' } as const;

type Extension = keyof typeof DEFAULT_FIELDS;

/** The part of a result that a request asks for: `/hello.json/greeting`. */
export interface Projection {
  readonly extension: Extension;
  readonly fields: readonly string[];
}

/** Only at OpenWhisk's own paths: an API's path may end so as well. */
const EXTENDED = /^\/api\/v1\/web\/.*\.(json|html|svg|text)(?:\/\*)?$/;

/** Null: the request asks for the answer itself (`.http`, or no extension). */
export function projectionOf({ route, params }: HttpCall): Projection | null {
  const extension = EXTENDED.exec(route)?.[1] as Extension | undefined;
  if (extension === undefined) return null;
  const fields = (params['*'] ?? '').split('/').filter((field) => field !== '');
  const usual = DEFAULT_FIELDS[extension];
  return { extension, fields: fields.length > 0 || usual === null ? fields : [usual] };
}

/** Answers with that part, in the type that the extension says: 404 when there is none, 400 when it is not of that type. */
export function sendProjection(
  result: object | null,
  { extension, fields }: Projection,
  cors: readonly string[],
  call: Call,
  respond: Responder,
): void {
  let value: unknown = result;
  for (let at = 0; at < fields.length; at += 1) {
    const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, fields[at]!);
    value = isObject ? (value as Record<string, unknown>)[fields[at]!] : undefined;
  }
  const { status, headers, body } =
    value === undefined
      ? refusal(404, 'The requested part of the result does not exist.')
      : (typed(value, extension) ?? refusal(400, `The result is not of the type "${extension}".`));
  for (let at = 0; at < cors.length; at += 2) addDefaultHeader(headers, cors[at]!, cors[at + 1]!);
  addDefaultHeader(headers, 'x-openwhisk-activation-id', call.message.id);
  respond.whole(status, headers, body);
}

function typed(value: unknown, extension: Extension): Answer | null {
  const isText = typeof value === 'string';
  switch (extension) {
    case 'json':
      return typeof value === 'object' && value !== null ? answer('application/json', toJson(value)) : null;
    case 'html':
      return isText ? answer('text/html; charset=utf-8', value) : null;
    case 'svg':
      return isText ? answer('image/svg+xml', value) : null;
    case 'text':
      return answer('text/plain; charset=utf-8', isText ? value : toJson(value));
  }
}

const answer = (type: string, body: Answer['body']): Answer => ({
  status: 200,
  headers: ['content-type', type],
  body,
});

const refusal = (status: number, error: string): Answer => ({
  status,
  headers: ['content-type', 'application/json'],
  body: toJson({ error }),
});
