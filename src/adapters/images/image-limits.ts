/** Bounds of an image. */
export interface ImageLimits {
  /** Largest index, manifest or configuration. */
  readonly documentBytesMax: number;
  /** All layers, unpacked. */
  readonly unpackedBytesMax: number;
  /** Files, folders and links in all layers. */
  readonly entriesMax: number;
  /** All their names together, as far as they are kept in memory. */
  readonly nameBytesMax: number;
  /** Members of an archive that holds an image: documents and layers. */
  readonly membersMax: number;
  /** A layer that unpacks to more than so many times its size is a bomb, from this size on. */
  readonly ratioMax: number;
  readonly ratioFreeBytes: number;
  readonly layersMax: number;
}

export const IMAGE_LIMITS: ImageLimits = {
  documentBytesMax: 4 * 1024 * 1024,
  unpackedBytesMax: 8 * 1024 * 1024 * 1024,
  entriesMax: 500_000,
  nameBytesMax: 64 * 1024 * 1024,
  membersMax: 10_000,
  ratioMax: 100,
  ratioFreeBytes: 64 * 1024 * 1024,
  layersMax: 200,
};
