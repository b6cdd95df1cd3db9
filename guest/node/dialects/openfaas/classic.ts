import type { HttpCall } from '../../../../src/contract/guest-messages.ts';
import { type Answer, jsonAnswer, sendAnswer } from '../../answer.ts';
import { contextLog } from '../../call-context.ts';
import { complete } from '../../completion.ts';
import type { Handler } from '../../dialect.ts';
import { requestOf } from '../../event-request.ts';
import { splitTarget } from '../../request-target.ts';
import { asBytes } from '../../result.ts';
import { ownPath } from './own-path.ts';

type Callback = (error?: unknown, result?: unknown) => void;
export type ClassicFunction = (text: string, callback: Callback) => unknown;

const TEXT_TYPE = 'text/plain; charset=utf-8';

/** The error that a function called back with. */
class CalledBack {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/**
 * The template `node`: `module.exports = (text, callback)` gets the body as text and writes its result, by the callback or a
 * promise. Its watchdog starts a process for each call and says the request in `Http_` variables; here they are those of
 * the last call that began.
 */
export function classicHandler(handle: ClassicFunction): Handler {
  let known: readonly string[] = [];
  return {
    async serve(call, respond) {
      const text = (await call.body.all()).toString('utf8');
      known = setRequestVariables(requestOf(call.message), known);
      const answer = await complete<Answer>(
        (ending) => handle(text, (error, result) => ending.succeed(error ? new CalledBack(error) : result)),
        { encode: encodeOutput, takesReturned: true, nothing: () => encodeOutput(undefined) },
      );
      sendAnswer(answer, call, respond);
    },
  };
}

/** Replaces the variables of the call before; returns their names. */
function setRequestVariables({ method, url, headers, route }: HttpCall, known: readonly string[]): string[] {
  const { env } = process;
  for (let at = 0; at < known.length; at += 1) delete env[known[at]!];
  const { path, search } = splitTarget(url);
  const names = ['Http_Method', 'Http_Path', 'Http_Query'];
  env.Http_Method = method;
  env.Http_Path = ownPath(path, route);
  env.Http_Query = search.slice(1);
  for (let at = 0; at < headers.length; at += 2) {
    const name = `Http_${headers[at]!.toLowerCase().replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase())}`;
    const key = name.replaceAll('-', '_');
    env[key] = headers[at + 1]!;
    names[names.length] = key;
  }
  return names;
}

/** Objects and lists as JSON, bytes as they are, nothing as nothing, all else as text. */
function encodeOutput(output: unknown): Answer {
  if (output instanceof CalledBack) {
    contextLog().error(output.error);
    return { status: 500, headers: ['content-type', TEXT_TYPE], body: String(output.error) };
  }
  if (output === undefined || output === null || output === '')
    return { status: 200, headers: [], body: null };
  if (typeof output !== 'object')
    return { status: 200, headers: ['content-type', TEXT_TYPE], body: String(output) };
  const bytes = asBytes(output);
  return bytes === null
    ? jsonAnswer(output)
    : { status: 200, headers: ['content-type', 'application/octet-stream'], body: bytes };
}
