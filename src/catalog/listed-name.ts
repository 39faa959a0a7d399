/** The names of tools that agents are shown; any other tool is hidden and refused. */
const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/;

export function isToolName(name: string): boolean {
  return TOOL_NAME.test(name);
}
