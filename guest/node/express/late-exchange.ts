import type { HttpCall } from '../../../src/contract/guest-messages.ts';
import { type Answer, sendAnswer, sentValue } from '../answer.ts';
import type { Call } from '../call.ts';
import { complete, type Ending } from '../completion.ts';
import { addDefaultHeader, headerList } from '../header-fields.ts';
import { InvalidResponse } from '../invalid-response.ts';
import { EventAnswer } from '../node-http/event-answer.ts';
import { openExchange } from '../node-http/exchange.ts';
import type { Responder } from '../responder.ts';
import { type ExpressExchange, expressClasses } from './exchange.ts';
import type { ExpressRequest } from './request.ts';
import type { ExpressResponse } from './response.ts';

/** What a function gave instead of sending it. */
export interface Reply {
  /** Null: what the response says, or 200. */
  readonly status: number | null;
  /** By name, as the author wrote them; a list repeats its header. */
  readonly headers: unknown;
  /** As Express' `send` takes it. */
  readonly body: unknown;
  /** Text goes out without a type of its own, as with `end`. */
  readonly untyped?: boolean;
}

/** A call to a function that may answer by what it gives or by Express' response. */
export interface ExpressCall {
  /** The request as the function is to see it. */
  http(): HttpCall;
  readonly bytes: Buffer;
  /** `request.body`. */
  readonly body: unknown;
  /** Headers that every answer has, unless the function says otherwise. */
  readonly defaults: Readonly<Record<string, string>>;
}

/** Calls the function. `express` opens request and response when they are first looked at: most get along without. */
type Run = (express: Pick<ExpressExchange, 'request' | 'response'>, ending: Ending) => unknown;

/** How a function's result is taken. */
interface Rules {
  /** False: only a callback gives a result. */
  readonly takesReturned: boolean;
  /** @throws InvalidResponse when it is none */
  reply(result: unknown): Reply;
}

/** The function has sent its answer itself. */
const SENT = Symbol('sent');

/** Serves a call until it is answered, in whichever way comes first. */
export async function serveExpress(
  told: ExpressCall,
  call: Call,
  respond: Responder,
  run: Run,
  rules: Rules,
): Promise<void> {
  const kept = call.message.http === undefined ? new EventAnswer() : null;
  const late = new LateExchange(told, call, kept ?? respond);
  const reply = await complete<Reply | null>(
    (ending) => {
      late.whenFinished(
        () => ending.succeed(SENT),
        (error) => ending.fail(error),
      );
      return run(late, ending);
    },
    {
      encode: (result) => (result === SENT || late.answering ? null : rules.reply(result)),
      takesReturned: rules.takesReturned,
      // A response that waits for a slow client keeps nothing alive either.
      nothing: () => (late.answering ? null : neverAnswered()),
    },
  );
  if (!late.opened) {
    sendAnswer(encodeReply(reply!, told.defaults), call, respond);
    return;
  }
  if (reply !== null) late.send(reply);
  await late.finished;
  kept?.giveTo(respond);
}

class LateExchange {
  readonly #told: ExpressCall;
  readonly #call: Call;
  readonly #respond: Responder;
  #exchange: ExpressExchange | null = null;
  #succeed: () => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;

  constructor(told: ExpressCall, call: Call, respond: Responder) {
    this.#told = told;
    this.#call = call;
    this.#respond = respond;
  }

  get request(): ExpressRequest {
    return this.#open().request;
  }

  get response(): ExpressResponse {
    return this.#open().response;
  }

  get opened(): boolean {
    return this.#exchange !== null;
  }

  /** The function sends its answer itself. */
  get answering(): boolean {
    const response = this.#exchange?.response;
    return response !== undefined && (response.headersSent || response.writableEnded);
  }

  get finished(): Promise<void> | undefined {
    return this.#exchange?.finished;
  }

  /** To be told when the function has sent its answer itself. */
  whenFinished(succeed: () => void, fail: (error: unknown) => void): void {
    this.#succeed = succeed;
    this.#fail = fail;
  }

  send({ status, headers, body, untyped }: Reply): void {
    const { response } = this;
    if (status !== null) response.status(status);
    const list = headerList(headers);
    for (let at = 0; at < list.length; at += 2) response.removeHeader(list[at]!);
    for (let at = 0; at < list.length; at += 2) response.appendHeader(list[at]!, list[at + 1]!);
    if (untyped === true && typeof body === 'string') response.end(body);
    else response.send(body);
  }

  #open(): ExpressExchange {
    if (this.#exchange !== null) return this.#exchange;
    const { http, bytes, body, defaults } = this.#told;
    const exchange = openExchange(http(), this.#call, this.#respond, expressClasses(), bytes);
    this.#exchange = exchange;
    const { request, response } = exchange;
    Object.assign(request, {
      res: response,
      originalUrl: request.url,
      params: this.#call.message.http?.params ?? {},
      body,
    });
    for (const name of Object.keys(defaults)) response.setHeader(name, defaults[name]!);
    void this.#follow(exchange.finished);
    return exchange;
  }

  async #follow(finished: Promise<void>): Promise<void> {
    try {
      await finished;
    } catch (thrown) {
      this.#fail(thrown);
      return;
    }
    this.#succeed();
  }
}

function encodeReply(reply: Reply, defaults: Readonly<Record<string, string>>): Answer {
  const headers = headerList(reply.headers);
  const names = Object.keys(defaults);
  for (let at = 0; at < names.length; at += 1) addDefaultHeader(headers, names[at]!, defaults[names[at]!]!);
  const { body, type } = sentValue(reply.body);
  const isTyped =
    type !== null && !(reply.untyped === true && typeof body === 'string' && typeof reply.body === 'string');
  if (isTyped) addDefaultHeader(headers, 'content-type', type);
  return { status: reply.status ?? 200, headers, body };
}

function neverAnswered(): never {
  throw new InvalidResponse('The function ended without an answer.');
}
