/** Media types by the name or file extension that people use for them. */
const TYPES: Readonly<Record<string, string>> = {
  atom: 'application/atom+xml',
  avif: 'image/avif',
  bin: 'application/octet-stream',
  bmp: 'image/bmp',
  css: 'text/css',
  csv: 'text/csv',
  eot: 'application/vnd.ms-fontobject',
  form: 'application/x-www-form-urlencoded',
  gif: 'image/gif',
  gz: 'application/gzip',
  htm: 'text/html',
  html: 'text/html',
  ico: 'image/vnd.microsoft.icon',
  ics: 'text/calendar',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'text/javascript',
  json: 'application/json',
  jsonld: 'application/ld+json',
  md: 'text/markdown',
  mjs: 'text/javascript',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  multipart: 'multipart/*',
  oga: 'audio/ogg',
  ogg: 'audio/ogg',
  ogv: 'video/ogg',
  otf: 'font/otf',
  pdf: 'application/pdf',
  png: 'image/png',
  rss: 'application/rss+xml',
  rtf: 'application/rtf',
  svg: 'image/svg+xml',
  tar: 'application/x-tar',
  text: 'text/plain',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  ttf: 'font/ttf',
  txt: 'text/plain',
  urlencoded: 'application/x-www-form-urlencoded',
  wasm: 'application/wasm',
  wav: 'audio/wav',
  weba: 'audio/webm',
  webm: 'video/webm',
  webmanifest: 'application/manifest+json',
  webp: 'image/webp',
  woff: 'font/woff',
  woff2: 'font/woff2',
  xhtml: 'application/xhtml+xml',
  xml: 'application/xml',
  yaml: 'text/yaml',
  yml: 'text/yaml',
  zip: 'application/zip',
};

const TEXT = /^text\/|^application\/(?:json|javascript|manifest\+json)$/;

/** The type of `json`, `.png`, `photos/cat.png`; a type is its own; null when unknown. */
export function mediaType(name: string): string | null {
  if (name.includes('/') && !/\.[A-Za-z0-9]+$/.test(name)) return name;
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return Object.hasOwn(TYPES, extension) ? TYPES[extension]! : null;
}

/** A type for a Content-Type header: with its charset where it is text and names none. */
export function contentType(type: string): string {
  return TEXT.test(type) ? `${type}; charset=utf-8` : type;
}

/** A Content-Type header with this charset instead of whichever it names. */
export function withCharset(header: string, charset: string): string {
  return `${header.replace(/;\s*charset=[^;]*/i, '')}; charset=${charset}`;
}
