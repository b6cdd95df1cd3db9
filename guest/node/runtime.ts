/** Major version of the Node.js that this guest runs on. */
export const NODE_MAJOR = Number.parseInt(process.versions.node, 10);

/** What `runtime:` calls it. */
export const RUNTIME = `nodejs${NODE_MAJOR}`;
