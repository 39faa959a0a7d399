import { describe, expect, it } from 'vitest';
import { ERRORS, type ErrorCode, problem } from '../../../base/errors.ts';
import type { Decision } from '../../../model/decision.ts';
import { type AnsweredRequest, frameAnswer } from './answers.ts';

const REQUEST: AnsweredRequest = { id: 'a"b', method: 'tools/call', generation: '2026', called: 'tool' };
const DENY: Decision = {
  decision: 'deny',
  code: 'NO_PERMIT',
  rules: [],
  reason: 'No.',
  reviews: [],
  trips: [],
};
const parse = (text: string): unknown => JSON.parse(text);

describe('an answer', () => {
  it('says deny for whatever comes as a denial, and names a code', () => {
    for (const decision of [DENY, { ...DENY, decision: 'allow' as const }]) {
      const { text } = frameAnswer(REQUEST, { kind: 'denied', action: 'x', decision });
      expect(parse(text)).toMatchObject({
        id: 'a"b',
        result: { isError: true, _meta: { 'dev.lanyard/decision': { decision: 'deny', code: 'NO_PERMIT' } } },
      });
    }
    const { code: _code, ...bare } = DENY;
    const { text } = frameAnswer(REQUEST, { kind: 'denied', action: 'x', decision: bare });
    expect(text).toContain('DECISION_FAILED');
  });

  it('names who would be asked where a review is missing', () => {
    const decision: Decision = {
      ...DENY,
      decision: 'review',
      code: 'APPROVAL_UNAVAILABLE',
      reviews: [{ who: 'owner', rule: 'r1' }],
    };
    const { text } = frameAnswer(REQUEST, { kind: 'denied', action: 'x', decision });
    expect(parse(text)).toMatchObject({
      result: { _meta: { 'dev.lanyard/decision': { decision: 'review', reviews: ['owner'] } } },
    });
  });

  it('names no command to a model, and the tool that helps as the client can call it', () => {
    const said = (code: ErrorCode, isJoined: boolean) => {
      const decision = { ...DENY, code, reason: ERRORS[code].sentence };
      return frameAnswer(
        { ...REQUEST, isJoined },
        { kind: 'denied', action: 'x', decision, helps: 'hand_over' },
      ).text;
    };
    const codes = (Object.keys(ERRORS) as ErrorCode[]).filter((code) =>
      ['deny', 'fail'].includes(ERRORS[code].kind),
    );
    for (const code of codes) {
      expect(said(code, false)).not.toContain('./lanyard');
      expect(said(code, false)).toContain('What helps: hand_over of the server lanyard.');
      expect(said(code, true)).toContain('What helps: lanyard__hand_over.');
    }
  });

  it('is an error with the same in its data where there is no tool result', () => {
    for (const method of ['resources/read', 'prompts/get'] as const) {
      const request = { ...REQUEST, method };
      const failed = frameAnswer(request, {
        kind: 'failed',
        action: 'x',
        problem: problem('OUTCOME_UNRECORDED'),
      });
      expect(parse(failed.text)).toMatchObject({
        error: { code: -32603, data: { 'dev.lanyard/outcome': { code: 'OUTCOME_UNRECORDED', action: 'x' } } },
      });
    }
  });

  it('has the status that goes with the error of an upstream that lacks a capability of the client', () => {
    const error = { code: -32021, message: 'Sampling is needed.' };
    const answer = { kind: 'error', action: 'x', error } as const;
    expect(frameAnswer(REQUEST, answer).status).toBe(400);
    expect(frameAnswer({ ...REQUEST, generation: '2025' }, answer).status).toBe(200);
  });

  it('is for nobody to keep, whatever its server says of it, in each method', () => {
    const result = { resultType: 'complete', content: [], ttlMs: 60_000, cacheScope: 'public' };
    for (const method of ['tools/call', 'prompts/get', 'resources/read', 'completion/complete'] as const)
      expect(
        parse(frameAnswer({ ...REQUEST, method }, { kind: 'result', action: 'x', result }).text),
      ).toMatchObject({ result: { ttlMs: 0, cacheScope: 'private' } });
  });

  it('carries nothing that would ask its client, where an older server answers as if it could', () => {
    const result = { resultType: 'input_required', inputRequests: { a: {} }, requestState: 's', content: [] };
    const answer = { kind: 'result', action: 'x', result } as const;
    const framed = (generation: '2025' | '2026') =>
      parse(frameAnswer({ ...REQUEST, generation }, answer).text) as { result: object };
    expect(framed('2026').result).toEqual({ content: [], resultType: 'complete' });
    expect(framed('2025').result).not.toHaveProperty('resultType');
  });

  it('passes on a result as it was written already, and one that it words anew by no text but its own', () => {
    const result = { resultType: 'complete', content: [] };
    const written = { kind: 'result', action: 'x', result, text: '{"as":"written"}' } as const;
    const framed = (generation: '2025' | '2026') =>
      parse(frameAnswer({ ...REQUEST, generation }, written).text) as { result: object };
    expect(framed('2026').result).toEqual({ as: 'written' });
    expect(framed('2025').result).toEqual({ content: [] });
  });

  it('has a status of the table for each refusal', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const row = ERRORS[code];
      for (const generation of ['2026', '2025'] as const) {
        const { status, text } = frameAnswer(
          { ...REQUEST, generation },
          { kind: 'refused', problem: problem(code) },
        );
        expect(status).toBe(row.rpc === -32601 && generation === '2026' ? 404 : row.http);
        expect(parse(text)).toMatchObject({ error: { code: row.rpc, data: { code } } });
      }
    }
  });
});
