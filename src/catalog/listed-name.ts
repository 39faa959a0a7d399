import { LIMITS } from '../base/limits.ts';

/** The names of tools that agents are shown; any other tool is hidden and refused. */
const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/;

export function isToolName(name: string): boolean {
  return TOOL_NAME.test(name);
}

/** The names of prompts that can be asked for (intake/mcp.ts refuses others). */
export function isPromptName(name: string): boolean {
  return name.length <= LIMITS.callerNameLength && !/\p{Cc}/u.test(name);
}
