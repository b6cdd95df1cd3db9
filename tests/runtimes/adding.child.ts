import { openRuntimes } from '../../src/adapters/runtimes/folder-runtime-store.ts';

// Adds a runtime to the folder given; its parent kills it meanwhile.
const own = { name: 'nodejs24', version: '24.0.0', executable: process.execPath };
const store = await openRuntimes({ folder: process.argv[2]!, own, wall: Date.now });
await store.add('nodejs22');
