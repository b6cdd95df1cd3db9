import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { SqliteReleaseStore } from '../../src/adapters/sqlite/release-store.ts';
import { type ControlPlaneDeps, startControlPlane } from '../../src/controlplane/control-plane.ts';
import { MemoryArtifacts } from './memory-artifacts.ts';
import { MemoryRuntimes } from './memory-runtimes.ts';
import { noImages } from './no-images.ts';
import {
  plainRetention,
  RecordingPublisher,
  ScriptedHealth,
  ScriptedProbe,
  ScriptedWarmness,
} from './release-neighbours.ts';

/** A control plane on a database file, without its API. */
export async function startBarePlane(path: string, given: Partial<ControlPlaneDeps> = {}) {
  const store = new SqliteReleaseStore(openDatabase(path));
  const publisher = new RecordingPublisher();
  const plane = await startControlPlane({
    store,
    artifacts: new MemoryArtifacts(),
    runtimeStore: new MemoryRuntimes(),
    imageStore: noImages,
    publisher,
    probe: new ScriptedProbe(),
    warmness: new ScriptedWarmness(),
    health: new ScriptedHealth(),
    clock: { now: () => performance.now(), wall: () => Date.now() },
    masterKey: new Uint8Array(32),
    operatorToken: 'x'.repeat(32),
    abilities: { runtimes: ['nodejs24'], dialects: ['fetch'], resourceKinds: [], triggerKinds: [] },
    retention: plainRetention,
    gatewayUrl: () => 'http://127.0.0.1:8080',
    ...given,
  });
  return { ...plane, store, publisher };
}
