/** The result of a tool call as MCP wants it, of either SDK. */
interface ToolAnswer {
  readonly [member: string]: unknown;
  content: { type: 'text'; text: string }[];
  isError?: boolean;
}

/** What `does` returns as text (JSON unless it is one already); what it throws as a tool's own error. */
export function answer(does: () => unknown): ToolAnswer {
  try {
    const value = does();
    return {
      content: [{ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value ?? 'done') }],
    };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { content: [{ type: 'text', text }], isError: true };
  }
}
