import { logCodec } from '../../src/adapters/segments/log-codec.ts';
import { usageCodec } from '../../src/adapters/segments/usage-codec.ts';
import { recordStoreConformance } from '../../src/ports/record-store.conformance.ts';
import { logRecord, makeFolder, openStore, usageRecord } from './segment-fixture.ts';

recordStoreConformance('segments of log lines', async () => {
  const folder = await makeFolder();
  return {
    open: () => openStore(folder.path, logCodec),
    make: (id, time) => logRecord({ message: id, time }),
    idOf: (record) => record.message,
    dispose: folder.remove,
  };
});

recordStoreConformance('segments of the ledger', async () => {
  const folder = await makeFolder();
  return {
    open: () => openStore(folder.path, usageCodec),
    make: (id, at) => usageRecord({ requestId: id, at }),
    idOf: (record) => record.requestId,
    dispose: folder.remove,
  };
});

recordStoreConformance('tiny segments, written as fast as they come', async () => {
  const folder = await makeFolder();
  const limits = { segmentBytesMax: 600, flushIntervalMs: 1 };
  return {
    open: () => openStore(folder.path, usageCodec, { limits }),
    make: (id, at) => usageRecord({ requestId: id, at }),
    idOf: (record) => record.requestId,
    dispose: folder.remove,
  };
});
