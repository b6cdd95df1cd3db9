// Appends to a ledger until it is killed, and prints after each flush how many records are safe by then.
import { writeSync } from 'node:fs';
import { usageCodec } from '../../src/adapters/segments/usage-codec.ts';
import { openStore, usageRecord } from './segment-fixture.ts';

const [folder, run] = process.argv.slice(2) as [string, string];
const store = await openStore(folder, usageCodec, {
  limits: { flushIntervalMs: 1, segmentBytesMax: 20_000 },
});
const append = (index: number): void =>
  store.append(usageRecord({ requestId: `${run}-${index}`, at: 1_000 + index, bytesOut: index * 3 }));

let count = 0;
for (;;) {
  for (let i = 0; i < 1 + (count % 37); i++) append(count++);
  const safe = count;
  const flushed = store.flush();
  for (let i = 0; i < 5; i++) append(count++);
  await flushed;
  writeSync(1, `${safe}\n`);
}
