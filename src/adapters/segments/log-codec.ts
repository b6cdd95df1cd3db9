import type { LogRecord } from '../../domain/invocation.ts';
import { ndjsonCodec } from './ndjson-codec.ts';

/** A log record's object without its texts, bytes of memory. */
const OBJECT_BYTES = 256;
/** Assumed for a field that is not a text. */
const FIELD_BYTES = 64;

/** Log lines, one JSON object a line: `grep` and `jq` read them too. */
export const logCodec = ndjsonCodec<LogRecord>({
  timeOf: (record) => record.time,
  sizeOf: (record) => {
    let bytes = OBJECT_BYTES + record.message.length;
    if (record.fields !== null) {
      for (const name in record.fields) {
        const value = record.fields[name];
        bytes += name.length + (typeof value === 'string' ? value.length : FIELD_BYTES);
      }
    }
    return bytes;
  },
});
