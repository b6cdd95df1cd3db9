import { lambdaStoreConformance } from '../../ports/lambda-store.conformance.ts';
import { openDatabase } from './database.ts';
import { SqliteLambdaStore } from './lambda-store.ts';

lambdaStoreConformance('SQLite in memory', () => new SqliteLambdaStore(openDatabase(':memory:')));
