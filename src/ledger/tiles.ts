import { createTree } from './tree.ts';

/**
 * The log as tiles (C2SP tlog-tiles): the hashes of its tree in pieces of 256, 8 levels of the tree in each, and its
 * entries in bundles of as many. Whoever holds a checkpoint proves anything out of them, and need not believe who served them.
 */
export const TILE_WIDTH = 256;

interface TileName {
  /** `entries`: a bundle of entries. */
  readonly level: number | 'entries';
  readonly index: number;
  /** How many hashes or entries; TILE_WIDTH for a full one. */
  readonly width: number;
}

/** `0/x001/x234/067.p/8`, what stands behind `/tile/`; null where it is none in its one spelling. */
export function readTileName(path: string): TileName | null {
  const [, level = '', groups = '', last = '', width] =
    /^(\d{1,2}|entries)\/((?:x\d{3}\/)*)(\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path) ?? [];
  if (last === '' || groups.startsWith('x000')) return null;
  const digits = `${groups.replaceAll(/[x/]/g, '')}${last}`;
  const index = Number(digits);
  const of = width === undefined ? TILE_WIDTH : Number(width);
  if (!Number.isSafeInteger(index) || of < 1 || (width !== undefined && of >= TILE_WIDTH)) return null;
  if (level !== 'entries' && (String(Number(level)) !== level || Number(level) > 5)) return null;
  if (width !== undefined && String(of) !== width) return null;
  return { level: level === 'entries' ? level : Number(level), index, width: of };
}

/** How many nodes a tile holds of a tree of this size, at most TILE_WIDTH. */
export function widthAt(size: number, { level, index }: Pick<TileName, 'level' | 'index'>): number {
  const nodes = Math.floor(size / TILE_WIDTH ** (level === 'entries' ? 0 : level));
  return Math.max(0, Math.min(TILE_WIDTH, nodes - index * TILE_WIDTH));
}

/** The root of a full tile: a node of the tile above. */
export function rootOfTile(hashes: readonly Uint8Array[]): Buffer {
  const tree = createTree();
  for (const hash of hashes) tree.append(hash);
  return tree.root();
}

/** A bundle of entries: each with its length before it, in two bytes. Null where one is longer than these can say. */
export function bundleOf(texts: readonly string[]): Buffer | null {
  const parts: Buffer[] = [];
  for (const text of texts) {
    const bytes = Buffer.from(text, 'utf8');
    if (bytes.length > 0xffff) return null;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    parts.push(length, bytes);
  }
  return Buffer.concat(parts);
}
