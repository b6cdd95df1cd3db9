/** Makes one HTTP request of the platform's own, as a client would. */
export interface HttpProbe {
  /**
   * Resolves with the answer, its body cut at `bodyBytesMax`.
   * @throws MayflyError NODE_UNREACHABLE (no answer), REQUEST_TIMEOUT (none within `timeoutMs`)
   */
  request(request: ProbeRequest): Promise<ProbeAnswer>;
}

export interface ProbeRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly timeoutMs: number;
  readonly bodyBytesMax: number;
}

export interface ProbeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** UTF-8. */
  readonly body: string;
}
