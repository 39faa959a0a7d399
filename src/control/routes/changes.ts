import { z } from 'zod';
import { problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { whyNot, whyNotDrop } from '../../pipeline/acts/rights.ts';
import { describeChange } from '../people/changes.ts';
import { type Answer, type Route, route, signedIn } from '../route.ts';
import { credential } from './sign-in.ts';

const unknown = (id: string): Answer => ({ problem: problem('CHANGE_UNKNOWN', { id }) });

/** What widens and waits for a signature. A GET shows; only a signed POST decides. */
export const CHANGE_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/changes',
    who: 'signed-in',
    does: 'The changes that wait for a signature.',
    handle: async ({ port }) => ({ value: port.changes.waiting().map(describeChange) }),
  }),
  route({
    method: 'GET',
    path: '/v1/changes/:id',
    who: 'signed-in',
    does: 'One change: what the log will say of it, who asked, and how it ended.',
    async handle({ port, params }) {
      const change = port.changes.find(params['id'] ?? '');
      return change === undefined ? unknown(params['id'] ?? '') : { value: describeChange(change) };
    },
  }),
  route({
    method: 'POST',
    path: '/v1/changes/:id/statement',
    who: 'signed-in',
    does: 'What this person signs for the change: options for navigator.credentials.get. Changes nothing.',
    async handle(call) {
      const { port, params, origin } = call;
      const change = port.changes.find(params['id'] ?? '');
      if (change === undefined) return unknown(params['id'] ?? '');
      const { person } = signedIn(call);
      const why = whyNot(person, change.act.name, false, change.act.about ?? {});
      if (why !== null) return { refused: why };
      return {
        value: port.ceremonies.begin(origin, {
          purpose: change.act.name,
          person: person.id,
          ...change.stated,
        }),
      };
    },
  }),
  route({
    method: 'POST',
    path: '/v1/changes/:id/sign',
    who: 'signed-in',
    does: 'Does the change, on an assertion over exactly it; answers what whoever asked is answered.',
    body: z.strictObject({ response: credential }),
    async handle(call) {
      const { port, params, origin, body } = call;
      const change = port.changes.find(params['id'] ?? '');
      if (change === undefined) return unknown(params['id'] ?? '');
      const { person } = signedIn(call);
      const expected = { person: person.id, ...change.stated };
      const signed = await port.ceremonies.finish(
        origin,
        change.act.name,
        expected,
        body.response as JsonObject,
      );
      if (!signed.ok) return { problem: signed.error };
      const done = await change.sign(person, signed.value.proof);
      if (!done.ok) return { refused: done.error };
      // What a program asked for by the socket is told there, a new token say, and not to whoever signed it.
      return change.answer === undefined ? { value: describeChange(change) } : change.answer;
    },
  }),
  route({
    method: 'POST',
    path: '/v1/changes/:id/drop',
    who: 'signed-in',
    does: 'Says no to a change; it is not done.',
    async handle(call) {
      const { port, params } = call;
      const change = port.changes.find(params['id'] ?? '');
      if (change === undefined) return unknown(params['id'] ?? '');
      const { person } = signedIn(call);
      const why = whyNotDrop(person, change.act.name, change.act.about ?? {});
      if (why !== null) return { refused: why };
      change.drop('dropped', `${person.id} said no.`);
      return { value: describeChange(change) };
    },
  }),
];
