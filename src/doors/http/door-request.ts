import { IncomingMessage } from '../../base/http.ts';
import { Pieces } from '../../base/pieces.ts';

/** Gets each piece of a body, and null behind the last. False: no more is read from this connection. */
type Take = (piece: Buffer | null) => boolean;

/**
 * A request whose body can be taken as the parser hands it over. The stream in between keeps pieces for whoever reads
 * later, at 7 µs a request (measured), and a door reads at once. What comes before anybody reads (a request waits for its
 * turn) is kept here and not in the stream, which would keep each chunk of one byte by itself.
 */
export class DoorRequest extends IncomingMessage {
  #take: Take | null = null;
  #early: Pieces | null = null;
  #hasEnded = false;
  #isStream = false;
  /** Of node's own: somebody reads the body, so it is not thrown away behind the answer. */
  declare _consuming: boolean;

  /** False where it is being read as a stream already. What has come so far is handed over at once. */
  takeBody(take: Take): boolean {
    if (this.#isStream) return false;
    this.#take = take;
    this._consuming = true;
    const early = this.#early;
    this.#early = null;
    if (early !== null && !take(early.join())) return true;
    if (this.#hasEnded) take(null);
    else if (early !== null) super._read(0);
    return true;
  }

  /** Called by the parser. False: no more is read until somebody wants it. */
  override push(piece: Buffer | null): boolean {
    if (this.#take !== null) return this.#take(piece);
    if (this.#isStream) return super.push(piece);
    if (piece === null) {
      this.#hasEnded = true;
      return true;
    }
    this.#early ??= new Pieces();
    this.#early.add(piece);
    return this.#early.bytes < this.readableHighWaterMark;
  }

  /** Called where somebody reads it as a stream, to throw it away for example. */
  override _read(size: number): void {
    super._read(size);
    if (this.#isStream || this.#take !== null) return;
    this.#isStream = true;
    if (this.#early !== null) super.push(this.#early.join());
    this.#early = null;
    if (this.#hasEnded) super.push(null);
  }
}
