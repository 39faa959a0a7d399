/** What a person is told after `npm start`: what to paste into which program, and what is not governed. */
export function agentSetup(url: string, token: string, home: string): string {
  const mcp = `${url}/mcp/files`;
  return `
The agent "coder" may read and write in ${home}/workspace through the MCP server "files".
This token is shown once; ./lanyard agent token coder makes another.

  Claude Code   claude mcp add --transport http files ${mcp} --header "Authorization: Bearer ${token}"

  Codex         # ~/.codex/config.toml, with LANYARD_TOKEN=${token} in its environment
                [mcp_servers.files]
                url = "${mcp}"
                bearer_token_env_var = "LANYARD_TOKEN"

  Cursor        # ~/.cursor/mcp.json
                {"mcpServers":{"files":{"url":"${mcp}","headers":{"Authorization":"Bearer ${token}"}}}}

  Gemini CLI    # ~/.gemini/settings.json
                {"mcpServers":{"files":{"url":"${mcp}","type":"http","headers":{"Authorization":"Bearer ${token}"}}}}

  opencode      # opencode.json
                {"mcp":{"files":{"type":"remote","url":"${mcp}","oauth":false,"headers":{"Authorization":"Bearer ${token}"}}}}

Add ${url}/mcp/lanyard in the same way: its tools let an agent that is denied something ask you. All servers at once, their
names before those of their tools, are at ${url}/mcp.
${NOT_GOVERNED}`;
}

export function afterwards(url: string, home: string): string {
  return `
The MCP server "files" is at ${url}/mcp/files, over ${home}/workspace; Lanyard's own tools are at ${url}/mcp/lanyard.
./lanyard agent token coder prints a new token for it.
${NOT_GOVERNED}`;
}

const NOT_GOVERNED = `
Not governed yet: the agent's own shell, editor and fetch. What it does with those passes Lanyard by.
See what happens with ./lanyard log show --follow; stop everything with ./lanyard stop all.
`;
