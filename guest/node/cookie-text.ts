/** What a Set-Cookie header may say of a cookie. */
export interface CookieAttributes {
  readonly domain?: string | undefined;
  readonly path?: string | undefined;
  readonly expires?: globalThis.Date | undefined;
  /** Seconds. */
  readonly maxAge?: number | undefined;
  readonly httpOnly?: boolean | undefined;
  readonly secure?: boolean | undefined;
  readonly partitioned?: boolean | undefined;
  readonly priority?: string | undefined;
  readonly sameSite?: string | boolean | undefined;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const ATTRIBUTE = /^[\x20-\x3a\x3c-\x7e]*$/;

/**
 * The value of a Set-Cookie header.
 * @throws TypeError when a part of it has characters that cannot stand there
 */
export function cookieText(name: string, value: string, attributes: CookieAttributes): string {
  if (!TOKEN.test(name)) throw new TypeError(`The cookie name ${JSON.stringify(name)} is not valid.`);
  const { domain, path, expires, maxAge, sameSite, priority } = attributes;
  let text = `${name}=${encodeURIComponent(value)}`;
  const add = (attribute: string, content: string): void => {
    if (!ATTRIBUTE.test(content)) throw new TypeError(`The cookie attribute ${attribute} is not valid.`);
    text += `; ${attribute}=${content}`;
  };
  if (maxAge !== undefined && maxAge !== null) add('Max-Age', String(Math.floor(maxAge)));
  if (domain) add('Domain', domain);
  if (path) add('Path', path);
  if (expires) add('Expires', expires.toUTCString());
  if (attributes.httpOnly === true) text += '; HttpOnly';
  if (attributes.secure === true) text += '; Secure';
  if (attributes.partitioned === true) text += '; Partitioned';
  if (priority) add('Priority', capital(priority));
  if (sameSite) add('SameSite', sameSite === true ? 'Strict' : capital(String(sameSite)));
  return text;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();
}
