import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  name: string;
  data: string | Uint8Array;
  isEncrypted?: boolean;
  /** The size that the archive claims, if it lies. */
  saidBytes?: number;
}

const HEADER = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50 };

function fields(...values: [size: 2 | 4, value: number][]): Buffer {
  return Buffer.concat(
    values.map(([size, value]) => {
      const field = Buffer.alloc(size);
      field.writeUIntLE(value, 0, size);
      return field;
    }),
  );
}

/** All fields but the first: version, flags, method, time, sum, sizes, length of the name, no extra. */
function common({ name, data, isEncrypted, saidBytes }: ZipEntry, packed: Buffer): Buffer {
  const content = Buffer.from(data);
  return fields(
    [2, 20],
    [2, isEncrypted ? 0x801 : 0x800],
    [2, 8],
    [4, 0],
    [4, crcOf(content)],
    [4, packed.length],
    [4, saidBytes ?? content.length],
    [2, Buffer.byteLength(name)],
    [2, 0],
  );
}

/** Node 20.15 and later have it. */
const crcOf = (content: Buffer): number => crc32(content);

/** A zip archive with these files. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const packed = deflateRawSync(entry.data);
    const name = Buffer.from(entry.name);
    const file = Buffer.concat([fields([4, HEADER.local]), common(entry, packed), name, packed]);
    const place = fields([2, 0], [2, 0], [2, 0], [4, 0], [4, offset]);
    const head = fields([4, HEADER.central], [2, 20]);
    directory.push(head, common(entry, packed), place, name);
    files.push(file);
    offset += file.length;
  }
  const central = Buffer.concat(directory);
  const count = entries.length;
  const end = fields(
    [4, HEADER.end],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, central.length],
    [4, offset],
    [2, 0],
  );
  return Buffer.concat([...files, central, end]);
}
