/** The file of an artifact that is an image's archive. Without it, the artifact's files are those of an OCI layout. */
export const IMAGE_ARCHIVE = 'image.tar';

/** What a container image says of how it wants to be started; the node writes it, the supervisor in the container reads it. */
export interface ImageConfig {
  /** Entrypoint, then Cmd. */
  readonly command: readonly string[];
  /** `NAME=value`. */
  readonly env: readonly string[];
  /** Absolute. */
  readonly folder: string;
  readonly user: string;
  /** `8080/tcp`. */
  readonly ports: readonly string[];
}
