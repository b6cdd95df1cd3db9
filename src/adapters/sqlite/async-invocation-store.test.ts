import { asyncInvocationStoreConformance } from '../../ports/async-invocation-store.conformance.ts';
import { SqliteAsyncInvocationStore } from './async-invocation-store.ts';
import { openDatabase } from './database.ts';

asyncInvocationStoreConformance('SQLite in memory', async () => {
  const database = openDatabase(':memory:');
  return { store: new SqliteAsyncInvocationStore(database), close: () => database.destroy() };
});
