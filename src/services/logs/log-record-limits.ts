import type { LogRecord } from '../../domain/invocation.ts';

/** What a line weighs beside its message and fields: names, ids, time; bytes. */
const LINE_OVERHEAD_BYTES = 200;

/** The record, cut to the limits, and about how many bytes it takes in the store. Never throws. */
export function fitRecord(
  record: LogRecord,
  limits: { readonly messageBytesMax: number; readonly fieldsBytesMax: number },
): { record: LogRecord; bytes: number } {
  const message = fitMessage(record.message, limits.messageBytesMax);
  const { fields, bytes: fieldBytes } = fitFields(record.fields, limits.fieldsBytesMax);
  const bytes = LINE_OVERHEAD_BYTES + message.length + fieldBytes;
  if (message === record.message && fields === record.fields) return { record, bytes };
  return { record: { ...record, message, fields }, bytes };
}

function fitMessage(message: string, bytesMax: number): string {
  // Three bytes at most for a UTF-16 unit: short messages, nearly all, need no counting.
  if (message.length * 3 <= bytesMax) return message;
  const bytes = Buffer.byteLength(message);
  if (bytes <= bytesMax) return message;
  const room = Buffer.alloc(bytesMax);
  // `write` never stores half a character.
  const kept = room.toString('utf8', 0, room.write(message));
  return `${kept}… [cut: the message had ${bytes} bytes]`;
}

function fitFields(
  fields: LogRecord['fields'],
  bytesMax: number,
): { fields: LogRecord['fields']; bytes: number } {
  if (fields === null) return { fields, bytes: 0 };
  let bytes: number;
  try {
    bytes = JSON.stringify(fields).length;
  } catch {
    return { fields: { omitted: 'not expressible in JSON' }, bytes: 0 };
  }
  if (bytes <= bytesMax) return { fields, bytes };
  return { fields: { omitted: `${bytes} bytes of fields` }, bytes: 0 };
}
