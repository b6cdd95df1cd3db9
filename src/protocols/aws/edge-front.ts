import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request that arrived at the edge port, with nothing of its body read. */
export interface EdgeExchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** A UUID; answered as `x-amzn-requestid`. */
  readonly requestId: string;
}

/**
 * One of those who answer at the edge port. The listener asks each, in order, and the first that accepts a request answers
 * it: by its host (function URLs), its path (downloads), or, last, the API that takes all the rest.
 */
export interface EdgeFront {
  accepts(req: IncomingMessage): boolean;
  /** Answers in every case; what it throws is answered as a defect. */
  serve(exchange: EdgeExchange): Promise<void>;
}
