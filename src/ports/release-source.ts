import type { AppSnapshot } from '../domain/snapshot.ts';

/** Releases that no environment serves any more, for calls that belong to one of them. */
export interface ReleaseSource {
  /**
   * The release as that environment would serve it now, with its own pin. Null: it is not kept any more, or was never of
   * that app.
   * @throws MayflyError INTERNAL
   */
  find(app: string, environment: string, release: string): Promise<AppSnapshot | null>;
}
