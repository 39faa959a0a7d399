import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../base/limits.ts';
import type { Entry } from '../../contract/log-entry.ts';
import { Spans } from './spans.ts';

const at = (second: number) => new Date(Date.parse('2026-11-20T20:00:00.000Z') + second * 1000).toISOString();
const decided = (action: string, more: Partial<Entry> = {}): Entry => ({
  seq: 3,
  at: at(0),
  kind: 'action.decided',
  action,
  agent: 'writer',
  owner: 'ada',
  session: 's1',
  operation: 'mcp:files/write_file',
  target: { type: 'Path', id: '/srv/private.txt' },
  decision: 'allow',
  rules: ['drafts'],
  policy: 'sha256:00',
  claimedReason: 'trust me',
  ...more,
});
const ended = (action: string, outcome: Entry['outcome'], more: Partial<Entry> = {}): Entry => {
  const { decision: _, rules: __, ...rest } = decided(action);
  return {
    ...rest,
    seq: 4,
    at: at(2),
    kind: 'action.outcome',
    ...(outcome === undefined ? {} : { outcome }),
    ...more,
  };
};

describe('a span', () => {
  test('of an action goes from its decision to its outcome, by the conventions for MCP', () => {
    const spans = new Spans();
    expect(spans.see(decided('A1'))).toBe(null);
    expect(spans.see(ended('A1', 'ok'))).toEqual({
      name: 'tools/call write_file',
      kind: 'server',
      startMs: Date.parse(at(0)),
      endMs: Date.parse(at(2)),
      attributes: {
        'mcp.method.name': 'tools/call',
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'write_file',
        'gen_ai.tool.call.id': 'A1',
        'gen_ai.agent.id': 'writer',
        'gen_ai.conversation.id': 's1',
        'lanyard.action': 'A1',
        'lanyard.upstream': 'files',
        'lanyard.decision': 'allow',
        'lanyard.outcome': 'ok',
        'lanyard.rules': ['drafts'],
        'lanyard.policy': 'sha256:00',
        'lanyard.entry': 3,
      },
    });
  });

  test('of a denial is made at once, and is an error with its code', () => {
    const span = new Spans().see(decided('A1', { decision: 'deny', code: 'FORBIDDEN', rules: ['no'] }));
    expect(span).toMatchObject({
      error: 'FORBIDDEN',
      attributes: { 'error.type': 'FORBIDDEN', 'lanyard.decision': 'deny', 'lanyard.rules': ['no'] },
    });
  });

  test('of an action that began before is made of its end alone', () => {
    const span = new Spans().see(ended('A1', 'unknown', { code: 'INTERRUPTED' }));
    expect(span).toMatchObject({
      error: 'INTERRUPTED',
      startMs: Date.parse(at(2)),
      endMs: Date.parse(at(2)),
    });
  });

  test('of a resource or prompt is named after its method', () => {
    const spans = new Spans();
    const read = spans.see(ended('A1', 'ok', { operation: 'mcp:files/resources/read' }));
    expect(read).toMatchObject({ name: 'resources/read' });
    expect(read?.attributes).not.toHaveProperty('gen_ai.tool.name');
    const prompt = spans.see(ended('A2', 'ok', { operation: 'mcp:files/prompts/get', name: 'greet' }));
    expect(prompt).toMatchObject({
      name: 'prompts/get greet',
      attributes: { 'gen_ai.prompt.name': 'greet' },
    });
  });

  test('tells no argument, target, stated reason or person', () => {
    const spans = new Spans();
    const told = [
      spans.see(decided('A1', { decision: 'deny', code: 'FORBIDDEN' })),
      spans.see({
        seq: 9,
        at: at(3),
        kind: 'containment.stopped',
        scope: 'agent:writer',
        level: 'frozen',
        why: 'ada said so',
      }),
    ];
    expect(told[1]).toMatchObject({
      name: 'lanyard containment.stopped',
      attributes: { 'lanyard.level': 'frozen' },
    });
    expect(JSON.stringify(told)).not.toMatch(/private|trust me|ada/);
  });

  test('is not waited for without end', () => {
    const spans = new Spans();
    for (let i = 0; i <= LIMITS.openSpans; i++) spans.see(decided(`A${i}`));
    expect(spans.see(ended('A0', 'ok'))?.startMs).toBe(Date.parse(at(2)));
    expect(spans.see(ended('A1', 'ok'))?.startMs).toBe(Date.parse(at(0)));
  });
});
