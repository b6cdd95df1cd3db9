/** What requests and responses of `@azure/functions` share: headers and the ways to read a body, those of the web's own. */
export class HttpBody {
  readonly #native: Request | Response;

  constructor(native: Request | Response) {
    this.#native = native;
  }

  get headers(): Headers {
    return this.#native.headers;
  }

  get body(): ReadableStream | null {
    return this.#native.body;
  }

  get bodyUsed(): boolean {
    return this.#native.bodyUsed;
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#native.arrayBuffer();
  }

  blob(): Promise<Blob> {
    return this.#native.blob();
  }

  formData(): Promise<FormData> {
    return this.#native.formData();
  }

  json(): Promise<unknown> {
    return this.#native.json();
  }

  text(): Promise<string> {
    return this.#native.text();
  }
}
