import { BriefMap } from '../../../../base/brief-map.ts';
import { type Problem, problem } from '../../../../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../../base/json.ts';
import type { RequestId } from '../../../../intake/message.ts';
import { SUBSCRIPTION_ID } from '../../../../intake/revision.ts';
import type { Generation } from '../../../../pipeline/ports/call.ts';
import type { Reply } from '../../../../pipeline/ports/upstream.ts';
import { AskDesk, type AskedBack } from '../ask-desk.ts';
import { declaredTo, toldWith } from '../capabilities.ts';
import type { Call, Channel, OnNotification } from '../channel.ts';
import type { StdioUpstream, UpstreamLimits } from '../config.ts';
import { cancelParams, frameNotification, frameRequest } from '../frame.ts';
import { readMessage } from '../message.ts';
import { notTaken, replyOf } from '../reply.ts';
import { Running, type RunningOwner } from '../running.ts';
import { Child } from './child.ts';
import { LineSplitter } from './lines.ts';

/** Frames that become due in one tick leave in one write of about this many characters. */
const BATCH_LENGTH = 32 * 1024;
/** So many calls wait for no more company: the child works on them while the others are still on their way. */
const FEW = 4;
/** What is kept of a line on stdout that is no message. */
const NOTED_BYTES = 200;
const NEWLINE = Buffer.from('\n');
/** Answers that wait for a child that does not read; further ones are dropped. */
const CONTROL_FRAMES = 64;

/**
 * A child process that speaks JSON-RPC, one message a line. Calls wait unsent while the child does not take its input:
 * a pass is spent when the write it admits can go out at once, and the bytes are handed over in the same breath.
 */
export class StdioChannel implements Channel, RunningOwner {
  readonly generation: Generation;
  readonly headed = false;
  readonly isProcess = true;
  readonly ended: Promise<Problem>;
  readonly capabilities: JsonObject;
  alive = true;
  readonly #upstream: string;
  readonly #limits: UpstreamLimits;
  readonly #onNotification: OnNotification;
  readonly #child: Child;
  readonly #lines: LineSplitter;
  readonly #running = new BriefMap<number, Running>();
  #waiting: Running[] = [];
  #control: AskedBack[] = [];
  readonly #asks: AskDesk;
  #nextId = 1;
  #flushDue = false;
  #congested = false;
  #strayInARow = 0;
  #resolveEnded: (why: Problem) => void = () => {};

  constructor(
    config: StdioUpstream,
    generation: Generation,
    limits: UpstreamLimits,
    onNotification: OnNotification,
  ) {
    this.#upstream = config.id;
    this.generation = generation;
    this.#limits = limits;
    this.#onNotification = onNotification;
    this.capabilities = declaredTo(config.asking);
    this.#asks = new AskDesk(
      config.id,
      generation,
      config.asking,
      (answer) => this.#enqueueControl(answer),
      () => this.hear(),
    );
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#lines = new LineSplitter(limits.messageBytes, (line) => this.#onLine(line));
    this.#child = new Child(config, limits, (chunk) => this.#onOutput(chunk));
    void this.#child.gone.then((what) => {
      const { id: upstream } = config;
      this.#close(problem('UPSTREAM_LOST', { upstream }), problem('UPSTREAM_FAILED', { upstream, what }));
    });
  }

  stderr(): string {
    return this.#child.stderr.text();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  call(call: Call): Promise<Reply> {
    const refusal = notTaken(this.#upstream, this, this.#limits.callsPerSession, call);
    if (refusal !== null) return Promise.resolve(refusal);
    const running = new Running(this.#nextId++, call, this.#upstream, this);
    this.#running.set(running.id, running);
    this.#waiting.push(running);
    if (this.#waiting.length >= FEW) this.#flush();
    else this.#flushSoon();
    return running.reply;
  }

  get load(): number {
    return this.#running.size;
  }

  notify(method: string, paramsText: string): Promise<void> {
    this.#enqueueControl({ text: frameNotification(this.generation, method, paramsText) });
    return Promise.resolve();
  }

  onGivenUp(running: Running, why: string): void {
    // 2025-11-25, "Cancellation": the initialize request must not be cancelled by clients.
    if (running.call.method === 'initialize') return;
    // Not among what is dropped for a child that does not read: a call is cancelled once, and calls are bounded.
    const params = cancelParams(running.id, why);
    this.#enqueueControl(
      { text: frameNotification(this.generation, 'notifications/cancelled', params) },
      true,
    );
  }

  onSettled(running: Running): void {
    this.#running.delete(running.id);
  }

  agree(_version: string): void {}

  hear(): void {}

  async end(atOnce = false): Promise<void> {
    this.#close(problem('UPSTREAM_LOST', { upstream: this.#upstream }));
    if (atOnce) this.#child.kill();
    await this.#child.end();
  }

  #enqueueControl(frame: AskedBack, isCancellation = false): void {
    if (!this.alive || (this.#control.length >= CONTROL_FRAMES && !isCancellation)) return;
    this.#control.push(frame);
    this.#flushSoon();
  }

  /** After the microtasks of this tick, so that calls which become due together leave in few writes. */
  #flushSoon(): void {
    if (this.#flushDue) return;
    this.#flushDue = true;
    process.nextTick(this.#flush);
  }

  #flush = (): void => {
    this.#flushDue = false;
    while (this.alive && this.#child.writable && this.#child.backlogBytes === 0) {
      const text = this.#gather();
      if (text === '') return;
      this.#child.write(text, this.#onFlushed);
      this.#congested = this.#child.backlogBytes > 0;
    }
  };

  #onFlushed = (): void => {
    if (this.#waiting.length > 0 || this.#control.length > 0) this.#flush();
  };

  /** Admits as many calls as fit one write. A child that is slow to read gets one at a time: see the last look. */
  #gather(): string {
    let text = '';
    for (const frame of this.#control) if (frame.admit?.() !== false) text += `${oneLine(frame.text)}\n`;
    this.#control = [];
    let taken = 0;
    for (const running of this.#waiting) {
      if (text !== '' && (this.#congested || text.length >= BATCH_LENGTH)) break;
      taken++;
      const { call } = running;
      const frame = frameRequest(this.generation, running.id, call, toldWith(call, this.capabilities));
      if (running.admit()) text += `${oneLine(frame)}\n`;
    }
    this.#waiting = taken === this.#waiting.length ? [] : this.#waiting.slice(taken);
    return text;
  }

  #onOutput(chunk: Buffer): void {
    if (!this.alive || this.#lines.push(chunk)) return;
    const limit = this.#limits.messageBytes;
    this.#close(problem('UPSTREAM_ANSWER_TOO_LARGE', { upstream: this.#upstream, limit }));
    this.#child.kill();
  }

  #onLine(line: Buffer): void {
    if (!this.alive || line.length <= 1) return;
    const message = readMessage(line, this.#upstream);
    switch (message.kind) {
      case 'result':
        this.#answer(message.id, (running) =>
          replyOf(this.#upstream, running.call, this.generation, message.result),
        );
        return;
      case 'error':
        this.#answer(message.id, () => ({ kind: 'error', error: message.error }));
        return;
      case 'request':
        this.#asks.take(message, null, this.#running.values());
        return;
      case 'notification':
        this.#notified(message.method, message.params);
        return;
      case 'stray':
        if (message.id === null) this.#note(line);
        if (message.asks !== null) this.#asks.refuseUnread(message.asks);
        this.#answer(message.id, () => ({ kind: 'lost', problem: message.why }));
    }
  }

  /** Keeps the beginning of what is no message beside what came on stderr, where somebody would look for it. */
  #note(line: Buffer): void {
    this.#child.stderr.push(
      Buffer.concat([Buffer.from('(stdout) '), line.subarray(0, NOTED_BYTES), NEWLINE]),
    );
  }

  /** An answer counts once, and only to a request that was sent and still runs. */
  #answer(id: RequestId | null, replyFor: (running: Running) => Reply): void {
    const running = typeof id === 'number' ? this.#running.get(id) : undefined;
    if (running?.sent && !running.settled) {
      this.#strayInARow = 0;
      running.answer(replyFor(running));
      return;
    }
    if (++this.#strayInARow < this.#limits.strayMessages) return;
    const what = `it wrote ${this.#strayInARow} lines that answer nothing`;
    this.#close(problem('UPSTREAM_FAILED', { upstream: this.#upstream, what }));
    this.#child.kill();
  }

  #notified(method: string, params: JsonObject): void {
    if (method === 'notifications/progress') {
      this.#runningOf(params['progressToken'])?.progress(params);
      return;
    }
    this.#asks.hear(method, params);
    const { _meta: meta } = params;
    const subscription = isJsonObject(meta) ? this.#runningOf(meta[SUBSCRIPTION_ID]) : undefined;
    if (subscription?.notify(method, params) !== true) this.#onNotification(method, params);
  }

  #runningOf(id: Json | undefined): Running | undefined {
    return typeof id === 'number' ? this.#running.get(id) : undefined;
  }

  /** `why` is what callers are told, `ending` what the operator is. */
  #close(why: Problem, ending: Problem = why): void {
    if (!this.alive) return;
    this.alive = false;
    for (const running of this.#running.values()) running.lose(why);
    this.#waiting = [];
    this.#control = [];
    this.#asks.close();
    this.#resolveEnded(ending);
  }
}

/**
 * JSON may hold U+2028 and U+2029 as they are, inside strings; readers such as node:readline end a line there. The
 * escaped form is the same value and one line for everybody.
 */
function oneLine(json: string): string {
  if (!/[\u2028\u2029]/.test(json)) return json;
  return json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
