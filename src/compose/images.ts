import type { DataFolder } from '../adapters/data-folder/data-folder.ts';
import { type FolderImageStore, openImages } from '../adapters/images/folder-image-store.ts';
import { CONTAINER_MOUNT_POINTS } from '../adapters/sandboxes/container-tools.ts';
import type { RuntimeProgram, RuntimeSource } from '../adapters/sandboxes/sandbox-options.ts';
import type { Config } from '../config.ts';
import { imageOfGuest } from '../contract/runtimes.ts';
import { MayflyError } from '../domain/errors.ts';
import type { ArtifactStore } from '../ports/artifacts.ts';
import type { Clock } from '../ports/clock.ts';
import type { ImageStore } from '../ports/image-store.ts';
import { SUPERVISOR } from './supervisor-runtime.ts';

/** The unpacked images of a data folder. */
export function openImageStore(
  data: DataFolder,
  artifacts: ArtifactStore,
  clock: Clock,
): Promise<FolderImageStore> {
  const folder = data.folder('images', 0o700);
  return openImages({ folder, artifacts, wall: clock.wall, mountPoints: CONTAINER_MOUNT_POINTS });
}

/** Images need a root of their own: where there are no sandboxes, a deploy says so. */
export function imagesFor(config: Config, images: ImageStore): ImageStore {
  if (config.isolation === 'sandbox') return images;
  return {
    prepare: async () => {
      const text = 'A container runs in a sandbox only; this node isolates by "process".';
      throw new MayflyError('VALIDATION_FAILED', text);
    },
    collect: (live) => images.collect(live),
  };
}

/** Guests in images too: the supervisor, in that image. One that is not unpacked (any more) is unpacked first. */
export function withImages(source: RuntimeSource, images: FolderImageStore): RuntimeSource {
  const programs = new Map<string, RuntimeProgram>();
  const find = async (name: string): Promise<RuntimeProgram | null> => {
    const artifact = imageOfGuest(name);
    if (artifact === null) return source.find(name);
    const supervisor = await source.find(SUPERVISOR);
    if (supervisor === null) return null;
    await images.prepare(artifact);
    const image = (await images.find(artifact))!;
    const known = programs.get(artifact);
    if (known !== undefined) return known;
    const program = { ...supervisor, system: false, image };
    programs.set(artifact, program);
    return program;
  };
  return { find };
}
