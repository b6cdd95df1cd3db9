/** Keeps container images unpacked, by the artifact that they came in. Each is here whole or not at all. */
export interface ImageStore {
  /**
   * Unpacks the image of an artifact: `file` in it is an image's tar file, or the `index.json` of an OCI layout. Once; several
   * at a time share the work.
   * @throws MayflyError VALIDATION_FAILED (it is no image for this machine, or a bad one), STORAGE_FULL
   */
  prepare(artifact: string, file: string): Promise<void>;
  /** Removes the images of artifacts that are not in `live`, unless they were prepared within the grace time. */
  collect(live: ReadonlySet<string>): Promise<void>;
}
