import { canonical, type HeaderValues } from './headers.ts';
import { HttpGatewayContext } from './http-gateway.ts';
import { type TracingContext, tracingContext } from './tracing.ts';

type Config = Readonly<Record<string, string | undefined>>;

/** What a function gets besides its input. */
export class FnContext {
  readonly #config: Config;
  readonly #body: unknown;
  readonly #headers: HeaderValues;
  readonly #traceparent: string;
  readonly #responseHeaders: HeaderValues = { 'Content-Type': ['application/json'] };
  #gateway: HttpGatewayContext | null = null;

  constructor(config: Config, body: unknown, headers: HeaderValues, traceparent: string) {
    this.#config = config;
    this.#body = body;
    this.#headers = headers;
    this.#traceparent = traceparent;
  }

  get deadline(): Date {
    return new globalThis.Date(this.#headers['Fn-Deadline']![0]!);
  }

  get callID(): string | null {
    return this.getHeader('Fn-Call-Id');
  }

  get appName(): string | undefined {
    return this.#config.FN_APP_NAME;
  }

  get appID(): string | undefined {
    return this.#config.FN_APP_ID;
  }

  get fnName(): string | undefined {
    return this.#config.FN_FN_NAME;
  }

  get fnID(): string | undefined {
    return this.#config.FN_FN_ID;
  }

  /** MB. */
  get memory(): number {
    return Number.parseInt(String(this.#config.FN_MEMORY), 10);
  }

  get config(): Config {
    return { ...this.#config };
  }

  get body(): unknown {
    return this.#body;
  }

  get contentType(): string | null {
    return this.getHeader('Content-Type');
  }

  get headers(): HeaderValues {
    return copied(this.#headers);
  }

  get responseHeaders(): HeaderValues {
    return copied(this.#responseHeaders);
  }

  getConfig(key: string): string | undefined {
    return this.#config[key];
  }

  getAllHeaderValues(name: string): string[] {
    return [...(this.#headers[canonical(name)] ?? [])];
  }

  getHeader(name: string): string | null {
    return this.#headers[canonical(name)]?.[0] ?? null;
  }

  getResponseHeader(name: string): string | null {
    return this.#responseHeaders[canonical(name)]?.[0] ?? null;
  }

  setResponseHeader(name: string, ...values: unknown[]): void {
    this.#responseHeaders[canonical(name)] = [];
    this.#add(canonical(name), values);
  }

  addResponseHeader(name: string, ...values: unknown[]): void {
    this.#add(canonical(name), values);
  }

  get responseContentType(): string | null {
    return this.getResponseHeader('Content-Type');
  }

  set responseContentType(type: string) {
    this.setResponseHeader('Content-Type', type);
  }

  get tracingContext(): TracingContext {
    return tracingContext(this.#traceparent, this.#config);
  }

  get httpGateway(): HttpGatewayContext {
    this.#gateway ??= new HttpGatewayContext(this);
    return this.#gateway;
  }

  #add(name: string, values: readonly unknown[]): void {
    this.#responseHeaders[name] ??= [];
    const list = this.#responseHeaders[name];
    for (let at = 0; at < values.length; at += 1) {
      const value = values[at];
      if (Array.isArray(value)) this.#add(name, value as unknown[]);
      else list[list.length] = String(value);
    }
  }
}

function copied(headers: HeaderValues): HeaderValues {
  const copy: HeaderValues = {};
  for (const name of Object.keys(headers)) copy[name] = [...headers[name]!];
  return copy;
}
