/**
 * Pure: arguments of bwrap(1) that put an empty folder in the place of the data folder, where that lies in a folder of the machine
 * that a sandbox sees: `/usr/local/mayfly`, `/opt/mayfly`. Where the platform is not root, its sandboxes are its own user, who may
 * read the operator's token. Empty when there is nothing to hide.
 */
export function hideDataFolder(dataDir: string, seen: readonly string[]): string[] {
  if (!seen.some((folder) => dataDir.startsWith(`${folder}/`))) return [];
  return ['--perms', '0755', '--tmpfs', dataDir, '--remount-ro', dataDir];
}
