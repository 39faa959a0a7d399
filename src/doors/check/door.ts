import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../base/clock.ts';
import { describeFault } from '../../base/error-text.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { ownConnection } from '../../base/http-connections.ts';
import type { Ids } from '../../base/ids.ts';
import type { Json } from '../../base/json.ts';
import { parseJson } from '../../base/json-text.ts';
import { LIMITS } from '../../base/limits.ts';
import { pathOf } from '../../base/url-path.ts';
import { readEvaluations, readReport } from '../../intake/check.ts';
import type { CheckCorridor } from '../../pipeline/check/check-corridor.ts';
import type { Bearer } from '../../pipeline/credentials/tokens.ts';
import { createActionSessions } from '../http/action-sessions.ts';
import { Arriving, readBody } from '../http/body.ts';
import { bearerOf, connectionOf, createGuard, type Guard, isJsonMedia, peerOf } from '../http/guard.ts';
import { createInFlight } from '../http/in-flight.ts';
import { bindingIn, REQUESTS, standing } from './access-request.ts';
import { type Desk, evaluate, evaluateAll, giveDecision, giveDecisions, withdraw } from './evaluation.ts';
import { EVALUATION, EVALUATIONS, METADATA, metadataOf, OUTCOME } from './metadata.ts';
import { giveJson, giveRefusal } from './reply.ts';
import { keyOf, RequestKeys } from './request-keys.ts';

export interface CheckDoorOptions {
  readonly corridor: CheckCorridor;
  readonly ids: Ids;
  readonly clock: Clock;
  /** Names, without a port, under which callers reach this gateway besides the loopback ones. */
  readonly hosts: readonly string[];
  /** Behind a proxy of ours the peer is whom its last `X-Forwarded-For` names. */
  readonly behindProxy?: boolean;
  /** How callers reach it: with TLS here, or before us. */
  readonly scheme: 'http' | 'https';
  /** Told what should never happen: one line, without anything a caller sent. */
  readonly log: (line: string) => void;
}

export interface CheckDoor {
  /** Answers every request whose address `matches`. */
  handle(req: IncomingMessage, res: ServerResponse): void;
  /** Whether this is an address of the check door: below /access/, or its metadata. */
  matches(url: string): boolean;
  /** From now on refuses what comes in; resolves when what is being answered is, or after LIMITS.drainMs. */
  drain(withinMs?: number): Promise<void>;
}

/** Answers a body, or says why it refuses. `key`: its `Idempotency-Key`. Rejects only for a bug. */
type Serve = (caller: Bearer, body: Json, key: string | undefined) => Promise<Answer>;

/** `give` words the answer in the tick in which it is written; `drop` where nobody is there any more. `status`: 200, where it says nothing else. */
type Answer =
  | { readonly give: () => Json; readonly drop?: () => void; readonly status?: number }
  /** `count`: nobody has counted it yet. */
  | { readonly refusal: Problem; readonly count: boolean };

/** What was admitted, and what serves it once its body is whole. */
interface Servable {
  readonly caller: Bearer;
  readonly serve: Serve;
}
interface NotAdmitted {
  readonly found: Problem;
  /** null where it is not known who asks. */
  readonly caller: Bearer | null;
  readonly allow?: string;
}
type Admission = Servable | NotAdmitted | { readonly metadata: true } | { readonly standing: Json };

/**
 * The check door. In the order of the MCP door: Host and Origin, bearer token, address, method and media type, body
 * within bounds, and then what it asks. Whatever is refused is counted and answered with a code.
 */
export function createCheckDoor(options: CheckDoorOptions): CheckDoor {
  const { corridor, ids, clock } = options;
  const served = servedBy({ corridor, sessions: createActionSessions(ids, clock) });
  return new Door(options, served);
}

/** What is served where, each with a body. */
function servedBy(desk: Desk): ReadonlyMap<string, Serve> {
  const keys = new RequestKeys();
  const ask: Serve = async (caller, body) => {
    const checked = await evaluate(desk, caller, body);
    if (checked.kind === 'refused') return { refusal: checked.problem, count: false };
    return { give: () => giveDecision(desk, caller, checked), drop: () => withdraw(desk, [checked]) };
  };
  return new Map<string, Serve>([
    [EVALUATION, ask],
    [
      EVALUATIONS,
      async (caller, body) => {
        const many = readEvaluations(body);
        if (!many.ok) return { refusal: many.error, count: true };
        if (many.value === null) return ask(caller, body, undefined);
        const { semantic } = many.value;
        const checked = await evaluateAll(desk, caller, many.value);
        return {
          give: () => ({ evaluations: giveDecisions(desk, caller, semantic, checked) }),
          drop: () => withdraw(desk, checked),
        };
      },
    ],
    [
      REQUESTS,
      async (caller, body, key) => {
        const id = bindingIn(body) ?? '';
        const asked = id === '' ? null : desk.corridor.request(caller, id);
        if (asked === null) return { refusal: problem('UNKNOWN_APPROVAL', { approval: id }), count: true };
        const differs = keys.whyNot(caller, key, id);
        if (differs !== null) return { refusal: differs, count: true };
        return { give: () => standing(asked), status: asked.status === 'pending' ? 202 : 200 };
      },
    ],
    [
      OUTCOME,
      async (caller, body) => {
        const report = readReport(body);
        if (!report.ok) return { refusal: report.error, count: true };
        const { action, outcome } = report.value;
        const told = await desk.corridor.tell(caller, action, outcome);
        return told.ok
          ? { give: () => ({ action, outcome }) }
          : { refusal: told.error, count: told.error.code === 'UNKNOWN_ACTION' };
      },
    ],
  ]);
}

class Door implements CheckDoor {
  readonly #options: CheckDoorOptions;
  readonly #served: ReadonlyMap<string, Serve>;
  readonly #guard: Guard;
  readonly #inFlight = createInFlight(LIMITS.streamKeepAliveMs);
  readonly #arriving = new Arriving();
  #draining = false;

  constructor(options: CheckDoorOptions, served: ReadonlyMap<string, Serve>) {
    this.#options = options;
    this.#served = served;
    this.#guard = createGuard(options.hosts);
  }

  matches(url: string): boolean {
    return url.startsWith('/access/') || pathOf(url) === METADATA;
  }

  handle(req: IncomingMessage, res: ServerResponse): void {
    try {
      this.#take(req, res);
    } catch (fault) {
      this.#fail(req, res, fault);
    }
  }

  drain(withinMs: number = LIMITS.drainMs): Promise<void> {
    this.#draining = true;
    return this.#inFlight.drain(withinMs);
  }

  #take(req: IncomingMessage, res: ServerResponse): void {
    const admission = this.#admit(req);
    if ('found' in admission) this.#refuse(req, res, admission);
    else if ('serve' in admission) this.#receive(req, res, admission);
    else if ('standing' in admission) {
      req.resume();
      giveJson(req, res, admission.standing);
    } else {
      req.resume();
      giveJson(req, res, metadataOf(this.#options.scheme, req.headers.host ?? ''));
    }
  }

  /** Without its body: metadata is for whoever has no token yet, and the rest for nobody without one. */
  #admit(req: IncomingMessage): Admission {
    const path = pathOf(req.url ?? '');
    const found = this.#draining ? problem('SHUTTING_DOWN') : this.#guard(req);
    if (found !== null) return { found, caller: null };
    const { method = '' } = req;
    if (path === METADATA)
      return method === 'GET' || method === 'HEAD'
        ? { metadata: true }
        : { found: problem('METHOD_NOT_ALLOWED', { method }), caller: null, allow: 'GET, HEAD' };
    const { corridor, behindProxy = false } = this.#options;
    const over = connectionOf(req, behindProxy);
    const authenticated = corridor.authenticate(bearerOf(req), peerOf(req, behindProxy), over);
    if (!authenticated.ok) return { found: authenticated.error, caller: null };
    const caller = authenticated.value;
    ownConnection(req.socket, ownerOf(caller));
    const tooOften = corridor.refusedTooOften(caller);
    if (tooOften !== null) return { found: tooOften, caller };
    if (method === 'GET' && path.startsWith(`${REQUESTS}/`)) return this.#look(caller, path);
    const serve = this.#served.get(path);
    if (serve === undefined) return { found: problem('NOT_FOUND'), caller };
    if (method !== 'POST') return { found: problem('METHOD_NOT_ALLOWED', { method }), caller };
    return isJsonMedia(req) ? { caller, serve } : { found: problem('UNSUPPORTED_MEDIA_TYPE'), caller };
  }

  /** A GET shows how a question stands, and nothing more. */
  #look(caller: Bearer, path: string): Admission {
    const id = path.slice(REQUESTS.length + 1);
    const asked = this.#options.corridor.request(caller, id);
    return asked === null
      ? { found: problem('UNKNOWN_APPROVAL', { approval: id }), caller }
      : { standing: standing(asked) };
  }

  #receive(req: IncomingMessage, res: ServerResponse, { caller, serve }: Servable): void {
    const refuse = (found: Problem, cut = false): void => {
      this.#options.corridor.refused(caller, found);
      giveRefusal(req, res, found, { cut });
    };
    readBody(req, this.#arriving, ownerOf(caller), (read) => {
      if (read.kind === 'gone') return;
      const body = read.kind === 'body' ? parseJson(read.bytes) : null;
      // A body may be long in coming, and a token taken away before its end.
      const gone = this.#options.corridor.gone(caller);
      if (read.kind === 'refused') refuse(read.problem, read.cut);
      else if (this.#draining) refuse(problem('SHUTTING_DOWN'));
      else if (gone !== null) refuse(gone);
      else if (body?.ok === false) refuse(body.error);
      else if (body?.ok === true) {
        this.#serve(serve(caller, body.value, keyOf(req)), req, res, refuse);
      }
    });
  }

  #serve(
    answering: Promise<Answer>,
    req: IncomingMessage,
    res: ServerResponse,
    refuse: (found: Problem) => void,
  ): void {
    const giveUp = () => giveRefusal(req, res, problem('SHUTTING_DOWN'));
    const flight = { tick: () => undefined, abort: () => undefined, giveUp };
    this.#inFlight.add(flight);
    answering
      .then((answer) => {
        if ('give' in answer) this.#give(req, res, answer);
        else if (res.writableEnded) return;
        else if (answer.count) refuse(answer.refusal);
        else giveRefusal(req, res, answer.refusal);
      })
      .catch((fault: unknown) => this.#fail(req, res, fault))
      .finally(() => this.#inFlight.remove(flight));
  }

  /** A caller that has gone acts on nothing: what was allowed for it is not done. */
  #give(req: IncomingMessage, res: ServerResponse, answer: Extract<Answer, { give: unknown }>): void {
    if (res.destroyed || req.socket.destroyed || res.writableEnded) answer.drop?.();
    else giveJson(req, res, answer.give(), answer.status);
  }

  #refuse(req: IncomingMessage, res: ServerResponse, { found, caller, allow }: NotAdmitted): void {
    this.#options.corridor.refused(caller, found);
    readBody(req, this.#arriving, found, (read) => {
      const cut = read.kind === 'refused' && read.cut;
      if (read.kind !== 'gone')
        giveRefusal(req, res, found, { cut, ...(allow === undefined ? {} : { allow }) });
    });
  }

  #fail(req: IncomingMessage, res: ServerResponse, fault: unknown): void {
    this.#options.log(`the check door failed on a request: ${describeFault(fault)}`);
    if (!res.headersSent) giveRefusal(req, res, problem('INTERNAL'));
  }
}

/** Who its connections and what arrives on them belong to. */
function ownerOf(caller: Bearer): string {
  return 'point' in caller ? `point:${caller.point}` : caller.agent;
}
