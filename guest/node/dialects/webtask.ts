import type { Call } from '../call.ts';
import { type Dialect, type Handler, HandlerUnusable } from '../dialect.ts';
import { requestOf } from '../event-request.ts';
import { describeThrown } from '../failure.ts';
import type { InstanceInfo } from '../instance-info.ts';
import { EventAnswer } from '../node-http/event-answer.ts';
import { openExchange, settled } from '../node-http/exchange.ts';
import { nodeHttp } from '../node-http/node-modules.ts';
import type { Responder } from '../responder.ts';
import { sendJson } from '../result.ts';
import { sendError, sendResult } from './webtask/answer.ts';
import { type WebtaskContext, webtaskContext } from './webtask/context.ts';

type Callback = (error?: unknown, result?: unknown) => void;
type SimpleTask = (callback: Callback) => unknown;
type ContextTask = (context: WebtaskContext, callback: Callback) => unknown;
type HttpTask = (context: WebtaskContext, request: unknown, response: unknown) => unknown;

/**
 * Auth0's Webtask, by the number of parameters, which here is the contract: `(callback)`, `(context, callback)`,
 * `(context, request, response)`. A callback's result is JSON; its error is a 400. The variables of the function's own
 * environment are `context.secrets`. Behaviour follows Webtask's documentation.
 */
export const webtask: Dialect = {
  bind(exported: unknown, instance: InstanceInfo): Handler {
    if (typeof exported !== 'function') {
      const { file, export: name } = instance.handler;
      throw new HandlerUnusable(`The export "${name}" of ${file} is not a function: a webtask is one.`);
    }
    if (exported.length === 3) return httpTask(exported as HttpTask, instance);
    if (exported.length === 1 || exported.length === 2) {
      return callbackTask(exported as SimpleTask | ContextTask, instance);
    }
    throw new HandlerUnusable(
      `A webtask has one, two or three parameters: (callback), (context, callback) or (context, request, response); this has ${exported.length}.`,
    );
  },
};

function callbackTask(task: SimpleTask | ContextTask, instance: InstanceInfo): Handler {
  return {
    async serve(call: Call, respond: Responder): Promise<void> {
      const isEvent = call.message.http === undefined;
      const context = webtaskContext(requestOf(call.message), await call.body.all(), instance);
      const outcome = await new Promise<{ readonly error: unknown; readonly result: unknown }>(
        (resolve, reject) => {
          const callback: Callback = (error, result) => resolve({ error, result });
          void (async () => {
            try {
              await (task.length === 1
                ? (task as SimpleTask)(callback)
                : (task as ContextTask)(context, callback));
            } catch (thrown) {
              reject(thrown);
            }
          })();
        },
      );
      if (outcome.error) {
        if (isEvent) throw outcome.error;
        sendError(outcome.error, respond);
      } else if (isEvent) {
        sendJson(outcome.result, respond);
      } else {
        sendResult(outcome.result, respond);
      }
    },
  };
}

function httpTask(task: HttpTask, instance: InstanceInfo): Handler {
  const { IncomingMessage, ServerResponse } = nodeHttp();
  const classes = { Request: IncomingMessage, Response: ServerResponse };
  return {
    async serve(call: Call, respond: Responder): Promise<void> {
      const http = requestOf(call.message);
      const answer = call.message.http === undefined ? new EventAnswer() : respond;
      const body = await call.body.all();
      const exchange = openExchange(http, call, answer, classes, body);
      const context = webtaskContext(http, body, instance);
      await settled(exchange, task(context, exchange.request, exchange.response), (thrown) => {
        globalThis.console.error(`Error after the response: ${describeThrown(thrown).stack}`);
      });
      if (answer instanceof EventAnswer) answer.giveTo(respond);
    },
  };
}
