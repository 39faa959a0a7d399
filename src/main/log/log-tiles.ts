import { LIMITS } from '../../base/limits.ts';
import { bundleOf, readTileName, rootOfTile, TILE_WIDTH, widthAt } from '../../ledger/tiles.ts';
import type { Store, StoredEntry } from '../../store/store.ts';

/**
 * Serves the log as tiles, of what the newest checkpoint covers. Nodes above the leaves are worked out once, one tile
 * after the other, whoever asks: a log of millions is read piece by piece, and by nobody twice at once.
 */
export class LogTiles {
  readonly #store: Store;
  /** Roots of full tiles: `level/index`. They never change. */
  readonly #roots = new Map<string, Buffer>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The newest signed note; null before the first. */
  async checkpoint(): Promise<string | null> {
    return (await this.#store.lastCheckpoint())?.note ?? null;
  }

  /** What stands under `/tile/`; null where the log does not reach so far. */
  tile(path: string): Promise<Buffer | null> {
    const name = readTileName(path);
    if (name === null) return Promise.resolve(null);
    const next = this.#turn.then(async () => {
      const size = (await this.#store.lastCheckpoint())?.size ?? 0;
      const { level, index, width } = name;
      if (width > widthAt(size, name)) return null;
      if (level === 'entries') {
        const entries = await this.#entries(index * TILE_WIDTH, width);
        return bundleOf(entries.map(({ text }) => text));
      }
      return Buffer.concat(await this.#hashes(level, index, width));
    });
    this.#turn = next.catch(() => undefined);
    return next;
  }

  async #hashes(level: number, index: number, width: number): Promise<Uint8Array[]> {
    if (level === 0) return (await this.#entries(index * TILE_WIDTH, width)).map(({ leaf }) => leaf);
    const hashes: Uint8Array[] = [];
    for (let at = index * TILE_WIDTH; at < index * TILE_WIDTH + width; at++)
      hashes.push(await this.#rootOf(level - 1, at));
    return hashes;
  }

  async #rootOf(level: number, index: number): Promise<Buffer> {
    const key = `${level}/${index}`;
    const known = this.#roots.get(key);
    if (known !== undefined) return known;
    const root = rootOfTile(await this.#hashes(level, index, TILE_WIDTH));
    this.#roots.set(key, root);
    for (const oldest of this.#roots.keys()) {
      if (this.#roots.size <= LIMITS.keptTileRoots) break;
      this.#roots.delete(oldest);
    }
    return root;
  }

  async #entries(from: number, width: number): Promise<StoredEntry[]> {
    const found: StoredEntry[] = [];
    for await (const page of this.#store.entries(from, from + width)) found.push(...page);
    return found;
  }
}
