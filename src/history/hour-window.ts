const MINUTES = 60;
const MINUTE_MS = 60_000;

/** How many there were in the last hour, to the minute: what is counted leaves after 59 to 60 minutes. Constant cost. */
export class HourWindow {
  readonly #minutes = new Uint32Array(MINUTES);
  #minute = Number.NEGATIVE_INFINITY;
  #sum = 0;

  add(atMs: number): void {
    const minute = Math.floor(atMs / MINUTE_MS);
    this.#advance(minute);
    // A clock that was set back: it counts as now, so that nothing is forgotten early.
    if (this.#minute - minute >= MINUTES) return;
    const slot = Math.max(minute, this.#minute) % MINUTES;
    this.#minutes[slot] = (this.#minutes[slot] ?? 0) + 1;
    this.#sum++;
  }

  countAt(nowMs: number): number {
    this.#advance(Math.floor(nowMs / MINUTE_MS));
    return this.#sum;
  }

  #advance(minute: number): void {
    if (minute <= this.#minute) return;
    const gone = Math.min(MINUTES, minute - this.#minute);
    for (let i = 0; i < gone; i++) {
      const slot = (minute - i) % MINUTES;
      this.#sum -= this.#minutes[slot] ?? 0;
      this.#minutes[slot] = 0;
    }
    this.#minute = minute;
  }
}
