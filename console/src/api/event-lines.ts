/** One event of a `text/event-stream` (HTML standard §9.2), as far as the instance sends them. */
interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

/** Cuts the text of a stream, however it is cut itself, into events; comments and unknown fields are passed over. */
export class EventLines {
  #rest = '';

  *push(chunk: string): Generator<StreamEvent> {
    this.#rest += chunk;
    for (;;) {
      const end = this.#rest.indexOf('\n\n');
      if (end < 0) return;
      const block = this.#rest.slice(0, end);
      this.#rest = this.#rest.slice(end + 2);
      let event = 'message';
      const data: string[] = [];
      for (const line of block.split('\n')) {
        if (line.startsWith('event:')) event = line.slice(6).trim();
        else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
      }
      if (data.length > 0) yield { event, data: data.join('\n') };
    }
  }
}
