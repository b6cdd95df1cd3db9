/** A method and a pattern that lead to a function of the same app. */
export interface Route {
  /** `GET`, `POST` …, or `*` for every method. `HEAD` follows `GET` when nothing else takes it. */
  readonly method: string;
  /** `/users/:id`, `/files/*`; the syntax of find-my-way without its regular expressions. */
  readonly pattern: string;
  readonly function: string;
  readonly cors: CorsPolicy | null;
}

/** Cross-origin rules that the gateway answers itself (Fetch standard, "CORS protocol"). */
export interface CorsPolicy {
  /** Allowed origins, or `*`. */
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeS: number;
}
