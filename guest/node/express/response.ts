import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CookieAttributes, cookieText } from '../cookie-text.ts';
import { nodeHttp } from '../node-http/node-modules.ts';
import { contentType, mediaType, withCharset } from './mime-table.ts';
import type { ExpressRequest } from './request.ts';
import { type FileOptions, sendFile } from './send-file.ts';

type Cookie = CookieAttributes & { readonly encode?: (value: string) => string };
type Done = (error?: unknown) => void;

/** What Express adds to Node's response, as its documentation describes it; without views and signed cookies. */
export interface ExpressResponse extends ServerResponse {
  locals: Record<string, unknown>;
  status(code: number): this;
  sendStatus(code: number): this;
  send(body?: unknown): this;
  json(value: unknown): this;
}

/** Makes the class, once: it extends one of Node's that is loaded late. */
export function defineResponse() {
  const { ServerResponse, STATUS_CODES } = nodeHttp();
  return class Response extends ServerResponse {
    locals: Record<string, unknown> = Object.create(null);

    get #request(): ExpressRequest {
      return this.req as unknown as ExpressRequest;
    }

    status(code: number): this {
      if (!Number.isInteger(code)) {
        throw new TypeError(`Invalid status code: ${JSON.stringify(code)}. Status code must be an integer.`);
      }
      if (code < 100 || code > 999) {
        throw new RangeError(
          `Invalid status code: ${code}. Status code must be greater than 99 and less than 1000.`,
        );
      }
      this.statusCode = code;
      return this;
    }

    sendStatus(code: number): this {
      this.status(code);
      this.type('txt');
      return this.send(STATUS_CODES[code] ?? String(code));
    }

    send(body?: unknown): this {
      let bytes: Buffer;
      if (typeof body === 'string') {
        const type = this.getHeader('content-type');
        this.setHeader(
          'Content-Type',
          typeof type === 'string' ? withCharset(type, 'utf-8') : 'text/html; charset=utf-8',
        );
        bytes = Buffer.from(body);
      } else if (body === undefined || body === null) {
        bytes = Buffer.from('');
      } else if (ArrayBuffer.isView(body)) {
        if (!this.hasHeader('content-type')) this.setHeader('Content-Type', 'application/octet-stream');
        bytes = Buffer.from(body.buffer as ArrayBuffer, body.byteOffset, body.byteLength);
      } else {
        return this.json(body);
      }
      if (body !== undefined && !this.hasHeader('transfer-encoding'))
        this.setHeader('Content-Length', bytes.length);
      return this.#sendBytes(bytes);
    }

    #sendBytes(bytes: Buffer): this {
      const { statusCode } = this;
      if (this.#request.fresh) this.statusCode = 304;
      if (this.statusCode === 204 || this.statusCode === 304) {
        for (const name of ['Content-Type', 'Content-Length', 'Transfer-Encoding']) this.removeHeader(name);
      } else if (statusCode === 205) {
        this.setHeader('Content-Length', '0');
        this.removeHeader('Transfer-Encoding');
      } else if (this.req.method !== 'HEAD') {
        this.end(bytes);
        return this;
      }
      this.end();
      return this;
    }

    json(value: unknown): this {
      if (!this.hasHeader('content-type')) this.setHeader('Content-Type', 'application/json; charset=utf-8');
      return this.send(JSON.stringify(value));
    }

    jsonp(value: unknown): this {
      const { callback } = this.#request.query as { callback?: unknown };
      const given = Array.isArray(callback) ? callback[0] : callback;
      if (!this.hasHeader('content-type')) {
        this.setHeader('X-Content-Type-Options', 'nosniff');
        this.setHeader('Content-Type', 'application/json; charset=utf-8');
      }
      if (typeof given !== 'string' || given === '') return this.json(value);
      const name = given.replace(/[^[\]\w$.]/g, '');
      this.setHeader('X-Content-Type-Options', 'nosniff');
      this.setHeader('Content-Type', 'text/javascript; charset=utf-8');
      // Two characters that end a line in old JavaScript and not in JSON.
      const text = (JSON.stringify(value) ?? 'undefined').replace(/[\u2028\u2029]/g, (character: string) =>
        character === '\u2028' ? '\\u2028' : '\\u2029',
      );
      return this.send(`/**/ typeof ${name} === 'function' && ${name}(${text});`);
    }

    type(name: string): this {
      const known = name.includes('/') ? name : mediaType(name);
      return this.set('Content-Type', known ?? 'application/octet-stream');
    }

    contentType(name: string): this {
      return this.type(name);
    }

    set(field: string | Readonly<Record<string, unknown>>, value?: unknown): this {
      if (typeof field !== 'string') {
        for (const name of Object.keys(field)) this.set(name, field[name]);
        return this;
      }
      const text = Array.isArray(value) ? value.map((part) => String(part)) : String(value);
      if (field.toLowerCase() !== 'content-type') return this.setHeader(field, text);
      if (typeof text !== 'string') throw new TypeError('Content-Type cannot be set to an Array');
      return this.setHeader(field, /;\s*charset\s*=/i.test(text) ? text : contentType(text));
    }

    header(field: string | Readonly<Record<string, unknown>>, value?: unknown): this {
      return this.set(field, value);
    }

    get(field: string): unknown {
      return this.getHeader(field);
    }

    append(field: string, value: string | readonly string[]): this {
      const before = this.getHeader(field);
      const list = before === undefined ? [] : [before].flat();
      return this.set(field, before === undefined ? value : [...list, value].flat());
    }

    vary(field: string | readonly string[]): this {
      const names = [this.getHeader('vary') ?? [], field].flat(2).join(',').split(',');
      const seen = new Set<string>();
      const kept = names
        .map((name) => name.trim())
        .filter((name) => name !== '' && !seen.has(name.toLowerCase()) && seen.add(name.toLowerCase()));
      this.setHeader('Vary', kept.includes('*') ? '*' : kept.join(', '));
      return this;
    }

    links(links: Readonly<Record<string, string | readonly string[]>>): this {
      const parts = Object.keys(links).flatMap((relation) =>
        [links[relation]!].flat().map((url) => `<${url}>; rel="${relation}"`),
      );
      const before = this.getHeader('link');
      return this.set('Link', [before === undefined ? [] : [before], parts].flat(2).join(', '));
    }

    cookie(name: string, value: unknown, options: Cookie & { readonly signed?: boolean } = {}): this {
      if (options.signed === true) throw new Error('cookieParser("secret") required for signed cookies');
      const text = typeof value === 'object' ? `j:${JSON.stringify(value)}` : String(value);
      const ms = options.maxAge;
      const age =
        typeof ms === 'number' ? { maxAge: ms / 1000, expires: new globalThis.Date(Date.now() + ms) } : {};
      return this.append('Set-Cookie', cookieText(name, text, { path: '/', ...options, ...age }));
    }

    clearCookie(name: string, options: Cookie = {}): this {
      const gone = { path: '/', ...options, maxAge: undefined, expires: new globalThis.Date(1) };
      return this.append('Set-Cookie', cookieText(name, '', gone));
    }

    location(url: string): this {
      return this.setHeader('Location', encodeTarget(String(url)));
    }

    redirect(first: number | string, second?: string): void {
      const status = typeof first === 'number' ? first : 302;
      this.location(second ?? String(first));
      const target = String(this.getHeader('location'));
      const words = `${STATUS_CODES[status] ?? status}. Redirecting to ${target}`;
      this.vary('Accept');
      this.status(status);
      const kind = this.#request.accepts(['text', 'html']);
      if (kind === 'html') {
        this.type('html');
        const said = escapeHtml(words);
        const title = escapeHtml(STATUS_CODES[status] ?? String(status));
        this.#endText(`<!DOCTYPE html><head><title>${title}</title></head><body><p>${said}</p></body>`);
      } else {
        if (kind === 'text') this.type('txt');
        this.#endText(kind === 'text' ? words : '');
      }
    }

    #endText(text: string): void {
      this.setHeader('Content-Length', Buffer.byteLength(text));
      if (this.req.method === 'HEAD') this.end();
      else this.end(text);
    }

    format(
      choices: Readonly<Record<string, (req: IncomingMessage, res: unknown, next: unknown) => unknown>>,
    ): this {
      const request = this.#request;
      const names = Object.keys(choices).filter((name) => name !== 'default');
      const chosen = names.length > 0 ? request.accepts(names) : false;
      this.vary('Accept');
      if (typeof chosen === 'string') {
        this.type(chosen);
        choices[chosen]!(request, this, request.next);
      } else if (choices.default !== undefined) {
        choices.default(request, this, request.next);
      } else {
        this.sendStatus(406);
      }
      return this;
    }

    attachment(filename?: string): this {
      if (filename === undefined) return this.set('Content-Disposition', 'attachment');
      const name = filename.slice(filename.lastIndexOf('/') + 1);
      const type = mediaType(name);
      if (type !== null) this.type(type);
      const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '?');
      const exact =
        plain === name ? '' : `; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, percent)}`;
      return this.set('Content-Disposition', `attachment; filename="${plain}"${exact}`);
    }

    sendFile(path: string, options?: FileOptions | Done, done?: Done): void {
      const settings = typeof options === 'object' ? options : {};
      const told = typeof options === 'function' ? options : done;
      sendFile(this as unknown as ExpressResponse, path, settings, told ?? null);
    }

    download(path: string, filename?: string | Done, options?: FileOptions | Done, done?: Done): void {
      this.attachment(typeof filename === 'string' ? filename : path);
      this.sendFile(path, typeof filename === 'function' ? filename : options, done);
    }
  };
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** Everything that cannot stand in a URL is encoded; what is encoded already stays. */
function encodeTarget(url: string): string {
  return url.replace(
    /[^\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7c\x7e]+|%(?![0-9A-Fa-f]{2})/g,
    (part) => (part === '%' ? '%25' : encodeURI(part.isWellFormed() ? part : part.toWellFormed())),
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  '"': '&quot;',
  '&': '&amp;',
  "'": '&#39;',
  '<': '&lt;',
  '>': '&gt;',
};

function escapeHtml(text: string): string {
  return text.replace(/["&'<>]/g, (character) => ENTITIES[character]!);
}
