import { unzipSync, constants } from 'node:zlib';

/** More than any response needs. The rest is not read. */
export const MOST_BYTES = 1_048_576;

/** The part of a body that was read. */
export type Body = {
  readonly bytes: Uint8Array;
  /** `cut`: the body was longer than the limit. `broken`: it ended early, because of `cause`. */
  readonly end: 'whole' | 'cut' | 'broken';
  readonly cause?: unknown;
};

/** Reads a body, decoded, up to the limit; never throws. */
export async function readBody({ body }: Response): Promise<Body> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const end = (how: Body['end'], cause?: unknown): Body => ({
    bytes: Buffer.concat(chunks).subarray(0, MOST_BYTES),
    end: how,
    cause,
  });
  if (!body) return end('whole');
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return end('whole');
      chunks.push(value);
      size += value.length;
      if (size > MOST_BYTES) {
        void reader.cancel().catch(() => {}); // Not awaited, because the server may never close.
        return end('cut');
      }
    }
  } catch (cause) {
    return end('broken', cause);
  }
}

/**
 * Decodes UTF-8 or UTF-16, without a byte order mark. A body that is compressed although no header says so is
 * decompressed.
 */
export function decodeText(bytes: Uint8Array): string {
  const plain = isPacked(bytes) ? unpacked(bytes) : bytes;
  return new TextDecoder(encodingOf(plain)).decode(plain);
}

/** Detects the encoding by the byte order mark, or by a first brace or bracket that takes two bytes. */
function encodingOf([first, second]: Uint8Array): string {
  if ((first === 0xff && second === 0xfe) || (isBrace(first) && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && isBrace(second))) return 'utf-16be';
  return 'utf-8';
}

const isBrace = (byte: number | undefined): boolean => byte === 0x7b || byte === 0x5b;

/** gzip, or zlib, whose first two bytes are a multiple of 31. */
const isPacked = ([first = 0, second = 0]: Uint8Array): boolean =>
  (first === 0x1f && second === 0x8b) || (first === 0x78 && (first * 256 + second) % 31 === 0);

function unpacked(bytes: Uint8Array): Uint8Array {
  try {
    return unzipSync(bytes, { maxOutputLength: MOST_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return bytes;
  }
}
