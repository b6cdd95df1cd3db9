import { type Answer, sentValue } from '../../answer.ts';
import { contextLog } from '../../call-context.ts';
import { addDefaultHeader, headerList } from '../../header-fields.ts';
import { toJson } from '../../result.ts';

/** An error that the author reported, in contrast to one that was thrown. */
export class Failed {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** What a function says about its answer. */
export class FunctionContext {
  statusCode: unknown = 200;
  headerValues: unknown = {};
  cbCalled = 0;
  readonly cb: (error?: unknown, result?: unknown) => void;

  constructor(cb: (error?: unknown, result?: unknown) => void) {
    this.cb = cb;
  }

  /** Sets the status, or gives it when there is no argument. */
  status(code?: unknown): unknown {
    if (!code) return this.statusCode;
    this.statusCode = code;
    return this;
  }

  /** Sets the headers, or gives them when there is no argument. */
  headers(values?: unknown): unknown {
    if (!values) return this.headerValues;
    this.headerValues = values;
    return this;
  }

  succeed(value?: unknown): void {
    this.cbCalled += 1;
    this.cb(undefined, value);
  }

  fail(error?: unknown): void {
    this.cbCalled += 1;
    this.cb(error ?? 'failed');
  }
}

/** The answer that the context and a result make. An error has the status 500 unless another one was set. */
export function encodeAnswer(context: FunctionContext, result: unknown): Answer {
  const status = Number.parseInt(String(context.statusCode), 10);
  if (result instanceof Failed) {
    contextLog().error(result.error);
    return {
      status: status === 200 ? 500 : status,
      headers: ['content-type', 'text/plain; charset=utf-8'],
      body: describe(result.error),
    };
  }
  const headers = headerList(context.headerValues);
  const { body, type } = sentValue(result);
  if (type !== null) addDefaultHeader(headers, 'content-type', type);
  return { status, headers, body };
}

function describe(error: unknown): string {
  const isPlain = typeof error === 'object' && error !== null && !(error instanceof Error);
  return isPlain ? toJson(error) : String(error);
}
