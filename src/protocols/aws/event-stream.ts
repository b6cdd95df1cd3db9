import { crc32 } from 'node:zlib';

const PRELUDE_BYTES = 8;
const CRC_BYTES = 4;
const STRING_TYPE = 7;

/**
 * One message of AWS's event-stream encoding (`application/vnd.amazon.eventstream`), with headers of the type string:
 *
 * ```
 * total length u32 │ headers length u32 │ CRC of both u32 │ headers │ payload │ CRC of all before u32      (big endian)
 * header: name length u8 │ name │ 7 u8 │ value length u16 │ value
 * ```
 */
export function encodeEvent(headers: Readonly<Record<string, string>>, payload: Uint8Array): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => encodeHeader(name, value)));
  const start = PRELUDE_BYTES + CRC_BYTES;
  const message = Buffer.alloc(start + head.length + payload.length + CRC_BYTES);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(head.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, PRELUDE_BYTES)), PRELUDE_BYTES);
  head.copy(message, start);
  message.set(payload, start + head.length);
  const end = message.length - CRC_BYTES;
  message.writeUInt32BE(crc32(message.subarray(0, end)), end);
  return message;
}

function encodeHeader(name: string, value: string): Buffer {
  const [key, text] = [Buffer.from(name), Buffer.from(value)];
  const header = Buffer.alloc(1 + key.length + 3 + text.length);
  header.writeUInt8(key.length, 0);
  key.copy(header, 1);
  header.writeUInt8(STRING_TYPE, 1 + key.length);
  header.writeUInt16BE(text.length, 2 + key.length);
  text.copy(header, 4 + key.length);
  return header;
}
