/** Keeps container images unpacked, by the artifact that they came in. Each is here whole or not at all. */
export interface ImageStore {
  /**
   * Unpacks the image of an artifact: its file `IMAGE_ARCHIVE`, or the OCI layout that its files are. Once; several
   * at a time share the work.
   * @throws MayflyError VALIDATION_FAILED (it is no image for this machine, or a bad one), STORAGE_FULL
   */
  prepare(artifact: string): Promise<void>;
  /** Removes the images of artifacts that are not in `live`, unless they were prepared within the grace time. */
  collect(live: ReadonlySet<string>): Promise<void>;
}
