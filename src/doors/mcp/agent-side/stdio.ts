import type { Readable, Writable } from 'node:stream';
import { BriefMap } from '../../../base/brief-map.ts';
import { Cancel } from '../../../base/cancel.ts';
import type { Clock } from '../../../base/clock.ts';
import { describeFault } from '../../../base/error-text.ts';
import { type Problem, problem } from '../../../base/errors.ts';
import type { Ids } from '../../../base/ids.ts';
import type { JsonObject } from '../../../base/json.ts';
import { parseJson } from '../../../base/json-text.ts';
import { LIMITS } from '../../../base/limits.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { readClientCan } from '../../../intake/client-capabilities.ts';
import { idAtEnds, looseRequestId } from '../../../intake/loose-message.ts';
import {
  type Message,
  type NotificationMessage,
  type RequestMessage,
  readMessage,
} from '../../../intake/message.ts';
import { dispositionOf } from '../../../intake/methods.ts';
import { generationOf, hasEnvelope, PROTOCOL_META, readEnvelope } from '../../../intake/revision.ts';
import { CAN_NOTHING, type ClientCan } from '../../../model/ask.ts';
import { type Caller, ENDING, type Generation, isUnheard } from '../../../pipeline/ports/call.ts';
import type { Corridor } from '../../../pipeline/ports/corridor.ts';
import { createActionSessions } from '../../http/action-sessions.ts';
import { ClientAsks } from './client-asks.ts';
import { makeControl } from './control.ts';
import { type Desk, dispatch, refuse, type Settings } from './dispatch.ts';
import { createLineReader } from './lines.ts';
import { listen } from './listen.ts';
import { NOTHING_ASKED } from './post.ts';
import { cancelRequest, checkRoom, type Requests } from './requests.ts';
import { SessionListener } from './session-listener.ts';
import { initializeResult, instructionsFor, negotiate, versionDetails } from './welcome.ts';
import { type Answered, answerProblem, answerResult, type RequestId } from './wire.ts';

export interface StdioOptions {
  readonly corridor: Corridor;
  readonly ids: Ids;
  readonly clock: Clock;
  /** The agent's token. It is looked at again for every message, so that a revoked one ends here too. */
  readonly token: string;
  /** Where the client is, for the limit on failed authentications. */
  readonly from: string;
  /** null for all upstreams, with names as on `/mcp`. */
  readonly upstream: string | null;
  readonly input: Readable;
  readonly output: Writable;
  readonly version: string;
  readonly log: (line: string) => void;
}

export interface StdioFace {
  /** Resolves when the client has gone and what ran for it has ended or was aborted. */
  readonly ended: Promise<void>;
  /** Aborts what runs and ends. */
  close(): void;
  /** Takes nothing more; what runs gets LIMITS.drainMs to end. */
  drain(): void;
}

/**
 * MCP over a pair of byte streams, one message a line (stdio transport), for both generations: a request with the
 * `_meta` of 2026-07-28 is one of that, after `initialize` the others are of the older one. The connection is the
 * session of its actions. When the input ends, what runs gets LIMITS.drainMs to end.
 */
export function serveStdio(options: StdioOptions): StdioFace {
  const connection = new Connection(options);
  return { ended: connection.ended, close: () => connection.close(), drain: () => connection.drain() };
}

class Connection {
  readonly ended: Promise<void>;
  readonly #options: StdioOptions;
  readonly #desk: Desk;
  readonly #session: string;
  readonly #running: Requests = new BriefMap();
  readonly #settings: Settings = { logLevel: undefined };
  /** What the client of the older generation can be asked, once it has initialized. */
  #older: ClientCan | null = null;
  readonly #asks = new ClientAsks((text) => this.#say(text));
  readonly #listener: SessionListener;
  #inputOver = false;
  #isDraining = false;
  #over = false;
  #end: () => void = () => {};
  #deadline: NodeJS.Timeout | null = null;

  constructor(options: StdioOptions) {
    const { corridor, ids, clock, input, output } = options;
    this.#options = options;
    this.#session = ids();
    const serverInfo = { name: 'lanyard', version: options.version };
    const sessions = createActionSessions(ids, clock);
    this.#desk = { corridor, sessions, serverInfo, streams: new Set() };
    this.#listener = new SessionListener(corridor, {
      session: this.#session,
      upstream: options.upstream,
      settings: this.#settings,
      tell: (text) => this.#say(text),
      end: () => undefined,
    });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const read = createLineReader(
      LIMITS.requestBytes,
      (line) => this.#take(line),
      (head, tail) => {
        const found = problem('BODY_TOO_LARGE', { limit: LIMITS.requestBytes });
        this.#send(this.#refuseUnread(idAtEnds(head, tail), found));
      },
    );
    input.on('data', read);
    input.once('end', () => this.#inputEnded());
    input.once('close', () => this.#inputEnded());
    input.on('error', () => this.close());
    output.on('drain', () => {
      if (!this.#inputOver) input.resume();
    });
    output.once('close', () => this.close());
    output.on('error', () => this.close());
  }

  close(): void {
    for (const running of this.#running.values()) running.abort();
    this.#finish();
  }

  drain(): void {
    this.#isDraining = true;
    this.#options.input.pause();
    this.#inputEnded();
  }

  #inputEnded(): void {
    if (this.#inputOver) return;
    this.#inputOver = true;
    for (const stream of [...this.#desk.streams]) stream.end();
    if (this.#running.size === 0) this.#finish();
    else this.#deadline = setTimeout(() => this.#cut(), LIMITS.drainMs);
  }

  /** What still runs is cut; where Lanyard ends, the client is still there to hear how. */
  #cut(): void {
    if (!this.#isDraining) {
      this.close();
      return;
    }
    this.#deadline = setTimeout(() => this.#giveUp(), LIMITS.lastAnswerMs);
    for (const running of [...this.#running.values()]) running.abort(ENDING);
  }

  #giveUp(): void {
    for (const id of this.#running.keys()) this.#send(answerProblem(id, problem('SHUTTING_DOWN'), '2025'));
    this.#finish();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#asks.close();
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#listener.close();
    this.#desk.corridor.left(this.#session);
    this.#options.input.pause();
    this.#end();
  }

  #send(answered: Answered): void {
    if (this.#over) return;
    const { input, output } = this.#options;
    output.write(`${answered.text}\n`);
    // A client that does not read its answers is not asked for more of them.
    if (output.writableLength > LIMITS.streamBufferBytes) input.pause();
  }

  #refuse(id: RequestId | null, generation: Generation, found: Problem, details?: JsonObject): Answered {
    const caller = this.#authenticate();
    if (!caller.ok) return this.#unknown(id, generation, caller.error);
    return refuse(this.#desk, { caller: caller.value, generation }, id, found, details);
  }

  /** Under its id, so that its client does not wait; never under that of a request that runs. */
  #refuseUnread(id: RequestId | null, found: Problem): Answered {
    return this.#refuse(id === null || this.#running.has(id) ? null : id, '2025', found);
  }

  #unknown(id: RequestId | null, generation: Generation, found: Problem): Answered {
    this.#desk.corridor.refused(null, found);
    return answerProblem(id, found, generation);
  }

  #authenticate(): Result<Caller, Problem> {
    return this.#desk.corridor.authenticate(this.#options.token, this.#options.from);
  }

  #take(line: Buffer): void {
    if (this.#over || isBlank(line)) return;
    const answered = this.#receive(line);
    if (answered !== null) this.#send(answered);
  }

  /** What can be answered at once; null for a notification, and for a request that was begun. */
  #receive(line: Buffer): Answered | null {
    const parsed = parseJson(line);
    const message = parsed.ok ? readMessage(parsed.value) : parsed;
    if (!message.ok) return this.#refuseUnread(looseRequestId(line), message.error);
    const { value } = message;
    const id = value.kind === 'request' ? value.id : null;
    const generation = this.#generationOf(value);
    if (!generation.ok)
      return this.#refuse(id, '2026', generation.error, versionDetails(generation.error, value));
    const caller = this.#authenticate();
    if (!caller.ok) return this.#unknown(id, generation.value, caller.error);
    const tooOften = this.#desk.corridor.refusedTooOften(caller.value);
    if (tooOften !== null) return id === null ? null : this.#refuse(id, generation.value, tooOften);
    if (value.kind === 'request') return this.#begin(value, generation.value, caller.value);
    if (value.kind === 'notification') this.#note(value, generation.value, caller.value);
    else if (!this.#asks.take(value)) this.#refuse(null, generation.value, NOTHING_ASKED);
    return null;
  }

  /** A request says itself that it is of 2026-07-28; the others belong to the handshake, and there must be one. */
  #generationOf(message: Message): Result<Generation, Problem> {
    if (message.kind !== 'request' && message.kind !== 'notification') return ok('2025');
    if (!hasEnvelope(message.meta)) {
      if (this.#older !== null || message.kind === 'notification' || message.method === 'initialize')
        return ok('2025');
      return err(problem('SESSION_MISSING'));
    }
    const envelope = readEnvelope(message.meta);
    return envelope.ok ? ok(generationOf(envelope.value.version)) : envelope;
  }

  #note(message: NotificationMessage, generation: Generation, caller: Caller): void {
    if (message.method === 'notifications/cancelled') cancelRequest(this.#running, message.params);
    const disposition = dispositionOf(message, 'client', generation);
    if (!disposition.ok) this.#desk.corridor.refused(caller.agent, disposition.error);
  }

  #begin(message: RequestMessage, generation: Generation, caller: Caller): Answered | null {
    const { id } = message;
    const room = checkRoom(this.#running, id);
    if (!room.ok) return refuse(this.#desk, { caller, generation }, id, room.error);
    const cancel = new Cancel();
    this.#running.set(id, cancel);
    this.#answer(message, generation, caller, cancel)
      .catch((fault: unknown) => {
        this.#options.log(`the stdio door failed on a request: ${describeFault(fault)}`);
        return answerProblem(id, problem('INTERNAL'), generation);
      })
      .then((answered) => {
        this.#running.delete(id);
        // "MUST NOT send any further messages for it": 2026-07-28 stdio, "Cancellation".
        if (!isUnheard(cancel)) this.#send(answered);
        if (this.#inputOver && this.#running.size === 0) this.#finish();
      });
    return null;
  }

  async #answer(
    message: RequestMessage,
    generation: Generation,
    caller: Caller,
    cancel: Cancel,
  ): Promise<Answered> {
    const { upstream } = this.#options;
    if (message.method === 'initialize' && generation === '2025') {
      const version = negotiate(message.params);
      if (!version.ok) return refuse(this.#desk, { caller, generation }, message.id, version.error);
      const tooMany = this.#desk.corridor.look(caller);
      if (tooMany !== null) return refuse(this.#desk, { caller, generation }, message.id, tooMany);
      this.#older = readClientCan(message.params['capabilities']);
      this.#listener.open(caller);
      const instructions = await instructionsFor(this.#desk.corridor, caller, upstream, '2025');
      const gone = this.#desk.corridor.gone(caller);
      if (gone !== null) return refuse(this.#desk, { caller, generation }, message.id, gone);
      return answerResult(message.id, initializeResult(version.value, this.#desk.serverInfo, instructions));
    }
    const inbound = {
      caller,
      upstream,
      generation,
      session: this.#session,
      headers: null,
      settings: this.#settings,
      listener: () => this.#listener.open(caller),
    };
    if (message.method === 'subscriptions/listen' && generation === '2026') {
      const outlet = {
        signal: cancel,
        tell: (text: string) => void this.#tell(cancel, message.id, text, true),
      };
      return listen(this.#desk, inbound, message, outlet);
    }
    const behind =
      generation === '2026'
        ? { can: readClientCan(message.meta[PROTOCOL_META.clientCapabilities]) }
        : { can: this.#older ?? CAN_NOTHING, asks: this.#asks };
    return dispatch(this.#desk, inbound, message, (wanted) =>
      makeControl(cancel, wanted, behind, (text, droppable) =>
        this.#tell(cancel, message.id, text, droppable),
      ),
    );
  }

  #tell(cancel: Cancel, id: RequestId, text: string, droppable: boolean): boolean {
    // Nothing after the answer, and nothing that a client who does not read would make us keep.
    if (this.#over || cancel.aborted || this.#running.get(id) !== cancel) return false;
    if (droppable && this.#isBehind()) return false;
    this.#send({ status: 200, text });
    return true;
  }

  /** What belongs to no request. */
  #say(text: string): void {
    if (!this.#isBehind()) this.#send({ status: 200, text });
  }

  #isBehind(): boolean {
    return this.#options.output.writableLength > LIMITS.streamBufferBytes;
  }
}

/** Empty lines are let through silently: some clients end a message with two line breaks. */
function isBlank(line: Buffer): boolean {
  for (const byte of line) if (byte !== 0x20 && byte !== 0x0d && byte !== 0x09) return false;
  return true;
}
