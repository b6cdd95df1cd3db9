import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { IMAGE_ARCHIVE } from '../../contract/image-config.ts';
import type { FunctionConfig } from '../app-config.ts';
import type { BuiltFile } from '../built-file.ts';
import { type Problem, problemAt } from '../problem.ts';
import { buildImageFile } from './image-engine.ts';

const RECIPE = /^(Dockerfile|Containerfile)(\..+)?$|\.(Dockerfile|Containerfile)$/i;
/** What tells a folder with an image from any other. */
const INDEXES = ['index.json', 'manifest.json'] as const;

/** What is shipped for a function that is an image: its archive, or the files of its layout. */
export interface ImageShipment {
  readonly files: readonly BuiltFile[];
  /** The file of it that stands for the image. */
  readonly main: string;
  /** Absolute paths that decided the result. */
  readonly sources: readonly string[];
}

/**
 * Finds the image that a function names: an archive, a folder with a layout, or a recipe (Dockerfile) that is built here and now.
 * What is in the image the node looks at.
 * @throws MayflyError BUILD_FAILED when a recipe cannot be built
 */
export async function findImage(dir: string, config: FunctionConfig): Promise<ImageShipment | Problem> {
  const fault = (text: string, suggestion: string | null = null) =>
    problemAt(config.place, `function "${config.name}": ${text}`, suggestion);
  const { image } = config;
  if (image === null)
    return fault('nothing says which image it is', 'write "image: FILE.tar", a folder or a Dockerfile');
  const path = join(dir, image);
  const info = await stat(path).catch(() => null);
  if (info === null) return fault(`there is no ${image}`);
  if (info.isFile() && RECIPE.test(basename(path)))
    return archive(await buildImageFile(path, config), [path]);
  if (info.isFile()) return archive(path, [path]);
  const names = await readdir(path);
  const main = INDEXES.find((name) => names.includes(name));
  if (main !== undefined) return { files: await layout(path), main, sources: [path] };
  const recipe = names.find((name) => RECIPE.test(name));
  if (recipe === undefined)
    return fault(`the folder ${image} holds no image: no index.json, no manifest.json, no Dockerfile`);
  return archive(await buildImageFile(join(path, recipe), config), [path]);
}

function archive(file: string, sources: readonly string[]): ImageShipment {
  return { files: [{ path: IMAGE_ARCHIVE, mode: 0o644, content: { file } }], main: IMAGE_ARCHIVE, sources };
}

async function layout(folder: string): Promise<BuiltFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return {
        path: file.slice(folder.replace(/\/+$/, '').length + 1),
        mode: 0o644 as const,
        content: { file },
      };
    });
}
