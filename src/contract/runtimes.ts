/** Languages whose handlers a guest loads itself. */
export type Language = 'javascript' | 'python';

export interface RuntimeRow {
  /** Of its handlers; null: it runs programs, whatever they are written in. */
  readonly language: Language | null;
  /** The guest that becomes its functions, where that has another name: runtimes with one guest share its empty instances. */
  readonly guest?: string;
  /**
   * What the guest takes for itself beside the author's program, MB: the function's memory bound is raised by it. A guest
   * that runs the author's code in its own process has no such part.
   */
  readonly guestMb?: number;
  /** The only dialect that it speaks. */
  readonly dialect?: string;
  /** Its functions are images: each has guests of its own. */
  readonly image?: true;
}

/** Runs the author's program beside itself. */
const SUPERVISED = { language: null, guest: 'supervisor', guestMb: 48 } as const;

/** What `runtime:` may say. */
export const RUNTIMES: Readonly<Record<string, RuntimeRow>> = {
  nodejs22: { language: 'javascript' },
  nodejs24: { language: 'javascript' },
  nodejs26: { language: 'javascript' },
  python3: { language: 'python' },
  provided: { ...SUPERVISED, dialect: 'lambda' },
  http: { ...SUPERVISED, dialect: 'http' },
  container: { ...SUPERVISED, guest: 'container', image: true },
};

/** The guest to start for a function: that of its runtime; of an image (`container@ARTIFACT`), one in that image. */
export function guestOf({
  runtime,
  artifact,
}: {
  readonly runtime: string;
  readonly artifact: string;
}): string {
  const { guest = runtime, image } = RUNTIMES[runtime] ?? {};
  return image === true ? `${guest}@${artifact}` : guest;
}

/** The artifact of a guest in an image; null: it is none. */
export const imageOfGuest = (guest: string): string | null => /^container@(.+)$/.exec(guest)?.[1] ?? null;

/** MB that are added to the memory bound of the runtime's functions. */
export const guestMemoryMb = (runtime: string): number => RUNTIMES[runtime]?.guestMb ?? 0;

/** What a function gets that names no runtime, by the language of its file. */
export const DEFAULT_RUNTIMES: Readonly<Record<Language, string>> = {
  javascript: 'nodejs24',
  python: 'python3',
};

/** What a function gets whose language nobody can tell. */
export const DEFAULT_RUNTIME = DEFAULT_RUNTIMES.javascript;

/** What `dialect:` may say, and the languages in which it can be written. */
export const DIALECTS: Readonly<Record<string, readonly Language[]>> = {
  alibaba: ['javascript', 'python'],
  azure: ['javascript', 'python'],
  event: ['javascript', 'python'],
  fetch: ['javascript'],
  fission: ['javascript', 'python'],
  fn: ['javascript', 'python'],
  google: ['javascript', 'python'],
  http: ['javascript', 'python'],
  knative: ['javascript', 'python'],
  kubeless: ['javascript', 'python'],
  lambda: ['javascript', 'python'],
  nuclio: ['javascript', 'python'],
  openfaas: ['javascript', 'python'],
  openwhisk: ['javascript', 'python'],
  tencent: ['javascript', 'python'],
  webtask: ['javascript'],
};
