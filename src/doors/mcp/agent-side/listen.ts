import type { CancelSignal } from '../../../base/cancel.ts';
import type { Problem } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import { ok, type Result } from '../../../base/result.ts';
import { type ListenFilter, readListen } from '../../../intake/listen.ts';
import { readAttempt, readCallerMeta } from '../../../intake/mcp.ts';
import type { RequestMessage } from '../../../intake/message.ts';
import { SUBSCRIPTION_ID } from '../../../intake/revision.ts';
import type { Answer } from '../../../pipeline/ports/answer.ts';
import type { OpenListener } from '../../../pipeline/ports/listener.ts';
import { frameAnswer } from './answers.ts';
import { type Desk, type Inbound, refuse, sessionOf } from './dispatch.ts';
import { route } from './route.ts';
import { type Answered, answerResult, notificationText } from './wire.ts';

/** Where the notifications of one `subscriptions/listen` go. */
interface Outlet {
  /** Aborted when the client cancels or goes away. */
  readonly signal: CancelSignal;
  tell(notification: string): void;
}

/**
 * `subscriptions/listen` of 2026-07-28: a request that stays open. Each resource in it is decided as a read and goes
 * through the corridor; what is acknowledged is what was let through. Answered when it ends from this side: with an
 * error where nothing of it was let through, with the empty result when Lanyard stops or what it listens to is gone.
 */
export async function listen(
  desk: Desk,
  inbound: Inbound,
  message: RequestMessage,
  outlet: Outlet,
): Promise<Answered> {
  const filter = readListen(message.params);
  if (!filter.ok) return refuse(desk, inbound, message.id, filter.error);
  const stream = new ListenStream(message, outlet);
  const opened = desk.corridor.listen({
    caller: inbound.caller,
    upstream: inbound.upstream,
    generation: '2026',
    lists: new Set(filter.value.lists),
    log: null,
    tell: (method, params) => stream.tell(method, params),
    end: () => stream.end(),
  });
  if (!opened.ok) return refuse(desk, inbound, message.id, opened.error);
  desk.streams.add(stream);
  try {
    const listening = { desk, inbound, message, listener: opened.value, signal: outlet.signal };
    const refused = await subscribeAll(listening, filter.value.resources);
    const gone = desk.corridor.gone(inbound.caller);
    if (gone !== null) return refuse(desk, inbound, message.id, gone);
    const honoured = filter.value.resources.filter((uri) => !refused.has(uri));
    const [first] = refused.values();
    if (first !== undefined && honoured.length + filter.value.lists.length === 0) return first;
    stream.begin(filter.value, honoured);
    if (honoured.length + filter.value.lists.length > 0) await stream.ended;
    return answerResult(message.id, {
      resultType: 'complete',
      _meta: {
        [SUBSCRIPTION_ID]: message.id,
        'io.modelcontextprotocol/serverInfo': desk.serverInfo,
      },
    });
  } finally {
    desk.streams.delete(stream);
    opened.value.close();
  }
}

/** Tells in the order of the protocol: first what was acknowledged, whatever happens meanwhile. */
class ListenStream {
  readonly ended: Promise<void>;
  readonly #id: RequestMessage['id'];
  readonly #outlet: Outlet;
  #early = new Map<string, JsonObject>();
  #begun = false;
  #end: () => void = () => undefined;

  constructor({ id }: RequestMessage, outlet: Outlet) {
    this.#id = id;
    this.#outlet = outlet;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    outlet.signal.addEventListener('abort', () => this.#end(), { once: true });
    if (outlet.signal.aborted) this.#end();
  }

  begin({ lists }: ListenFilter, resources: readonly string[]): void {
    const notifications = {
      ...Object.fromEntries(lists.map((kind) => [`${kind}ListChanged`, true])),
      ...(resources.length === 0 ? {} : { resourceSubscriptions: resources }),
    };
    this.#begun = true;
    this.tell('notifications/subscriptions/acknowledged', { notifications });
    for (const [key, params] of this.#early) this.tell(key.slice(0, key.indexOf(' ')), params);
    this.#early.clear();
  }

  tell(method: string, params: JsonObject): void {
    if (!this.#begun) this.#early.set(`${method} ${String(params['uri'] ?? '')}`, params);
    else this.#outlet.tell(notificationText(method, { ...params, _meta: { [SUBSCRIPTION_ID]: this.#id } }));
  }

  end(): void {
    this.#end();
  }
}

/** One `subscriptions/listen` that was let in, and the listener that was opened for it. */
interface Listening {
  readonly desk: Desk;
  readonly inbound: Inbound;
  readonly message: RequestMessage;
  readonly listener: OpenListener;
  readonly signal: CancelSignal;
}

/** Subscribes to each resource; what could not be is answered for, under its URI. */
async function subscribeAll(
  listening: Listening,
  resources: readonly string[],
): Promise<ReadonlyMap<string, Answered>> {
  const { desk, inbound, message } = listening;
  const refused = new Map<string, Answered>();
  await Promise.all(
    resources.map(async (uri) => {
      const answer = await subscribe(listening, uri);
      const id = message.id;
      if (!answer.ok) refused.set(uri, refuse(desk, inbound, id, answer.error));
      else if (answer.value.kind !== 'result') {
        const asked = { id, method: 'resources/subscribe', generation: '2026', called: uri } as const;
        refused.set(uri, frameAnswer(asked, answer.value));
      }
    }),
  );
  return refused;
}

async function subscribe(
  { desk, inbound, message, listener, signal }: Listening,
  uri: string,
): Promise<Result<Answer, Problem>> {
  const one: RequestMessage = { ...message, method: 'resources/subscribe', params: { uri } };
  const meta = readCallerMeta(message.meta);
  if (!meta.ok) return meta;
  const { caller, upstream } = inbound;
  const routed = upstream === null ? await route(desk.corridor, inbound, one) : ok({ upstream });
  if (!routed.ok) return routed;
  const session = sessionOf(desk, inbound, meta.value);
  if (!session.ok) return session;
  const where = {
    agent: caller.agent,
    token: caller.token,
    ofRun: caller.ofRun,
    ...session.value,
    door: 'mcp',
    ...routed.value,
  } as const;
  const attempt = readAttempt(one, where);
  return attempt.ok ? ok(await listener.subscribe(attempt.value, uri, { signal })) : attempt;
}
