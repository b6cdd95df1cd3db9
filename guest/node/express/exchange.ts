import type { Exchange, ExchangeClasses } from '../node-http/exchange.ts';
import { defineRequest, type ExpressRequest } from './request.ts';
import { defineResponse, type ExpressResponse } from './response.ts';

export type ExpressExchange = Exchange<ExpressRequest, ExpressResponse>;

let classes: ExchangeClasses<ExpressRequest, ExpressResponse> | null = null;

/** Makes the classes, once. */
export function expressClasses(): ExchangeClasses<ExpressRequest, ExpressResponse> {
  classes ??= { Request: defineRequest(), Response: defineResponse() } as unknown as typeof classes;
  return classes!;
}
