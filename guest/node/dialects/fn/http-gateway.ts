import { canonical, type HeaderValues, HTTP_PREFIX } from './headers.ts';

/** What it needs of the function's context. */
interface HeaderHolder {
  readonly headers: HeaderValues;
  getHeader(name: string): string | null;
  getAllHeaderValues(name: string): string[];
  setResponseHeader(name: string, ...values: unknown[]): void;
  addResponseHeader(name: string, ...values: unknown[]): void;
}

/** `ctx.httpGateway`: the HTTP request and response around a call. */
export class HttpGatewayContext {
  readonly #context: HeaderHolder;

  constructor(context: HeaderHolder) {
    this.#context = context;
  }

  get requestURL(): string | null {
    return this.#context.getHeader('Fn-Http-Request-Url');
  }

  get method(): string | null {
    return this.#context.getHeader('Fn-Http-Method');
  }

  get headers(): HeaderValues {
    const all = this.#context.headers;
    const own: HeaderValues = {};
    for (const name of Object.keys(all)) {
      if (name.startsWith(HTTP_PREFIX)) own[name.slice(HTTP_PREFIX.length)] = all[name]!;
    }
    return own;
  }

  getHeader(name: string): string | null {
    return this.#context.getHeader(HTTP_PREFIX + name);
  }

  getAllHeaderValues(name: string): string[] {
    return this.#context.getAllHeaderValues(HTTP_PREFIX + name);
  }

  set statusCode(status: number) {
    this.#context.setResponseHeader('Fn-Http-Status', status);
  }

  setResponseHeader(name: string, ...values: unknown[]): void {
    if (canonical(name) === 'Content-Type') this.#context.setResponseHeader('Content-Type', values[0]);
    else this.#context.setResponseHeader(HTTP_PREFIX + name, ...values);
  }

  addResponseHeader(name: string, ...values: unknown[]): void {
    this.#context.addResponseHeader(HTTP_PREFIX + name, ...values);
  }
}
