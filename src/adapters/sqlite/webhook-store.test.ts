import { webhookStoreConformance } from '../../ports/webhook-store.conformance.ts';
import { openDatabase } from './database.ts';
import { SqliteWebhookStore } from './webhook-store.ts';

webhookStoreConformance('SQLite in memory', () => new SqliteWebhookStore(openDatabase(':memory:')));
