import { existsSync } from 'node:fs';
import path from 'node:path';

/** The folder of Mayfly's own package, with `package.json`, `templates/` and `examples/`: from a checkout or from npm. */
export function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  return folder;
}
