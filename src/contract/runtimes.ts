/** Languages whose handlers a guest loads itself. */
export type Language = 'javascript' | 'python';

/** What `runtime:` may say, and the language of its handlers; null: it runs programs, whatever they are written in. */
export const RUNTIMES: Readonly<Record<string, { readonly language: Language | null }>> = {
  nodejs22: { language: 'javascript' },
  nodejs24: { language: 'javascript' },
  nodejs26: { language: 'javascript' },
};

/** What a function gets that names no runtime. */
export const DEFAULT_RUNTIME = 'nodejs24';

/** What `dialect:` may say, and the languages in which it can be written. */
export const DIALECTS: Readonly<Record<string, readonly Language[]>> = {
  azure: ['javascript'],
  event: ['javascript'],
  fetch: ['javascript'],
  google: ['javascript'],
  knative: ['javascript'],
  lambda: ['javascript'],
  nuclio: ['javascript'],
  openfaas: ['javascript'],
  openwhisk: ['javascript'],
  tencent: ['javascript'],
};
