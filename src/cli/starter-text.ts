/** What a person is told after `npm start`: what to paste into which program, and what is not governed. */
export function agentSetup(url: string, token: string, home: string): string {
  const mcp = `${url}/mcp`;
  return `
The agent "coder" may read and write in ${home}/workspace, and ask you through Lanyard's own tools.
This token is shown once; ./lanyard agent token coder makes another.

  Claude Code   claude mcp add --transport http lanyard ${mcp} --header "Authorization: Bearer ${token}"

  Codex         # ~/.codex/config.toml, with LANYARD_TOKEN=${token} in its environment
                [mcp_servers.lanyard]
                url = "${mcp}"
                bearer_token_env_var = "LANYARD_TOKEN"

  Cursor        # ~/.cursor/mcp.json
                {"mcpServers":{"lanyard":{"url":"${mcp}","headers":{"Authorization":"Bearer ${token}"}}}}

  Gemini CLI    # ~/.gemini/settings.json
                {"mcpServers":{"lanyard":{"url":"${mcp}","type":"http","headers":{"Authorization":"Bearer ${token}"}}}}

  opencode      # opencode.json
                {"mcp":{"lanyard":{"type":"remote","url":"${mcp}","oauth":false,"headers":{"Authorization":"Bearer ${token}"}}}}

All servers together are at ${mcp}; "files" alone is at ${mcp}/files.
${NOT_GOVERNED}`;
}

export function afterwards(url: string, home: string): string {
  return `
The MCP servers are at ${url}/mcp, "files" alone at ${url}/mcp/files; it serves ${home}/workspace.
./lanyard agent token coder prints a new token for it.
${NOT_GOVERNED}`;
}

const NOT_GOVERNED = `
Not governed yet: the agent's own shell, editor and fetch. What it does with those passes Lanyard by.
See what happens with ./lanyard log show --follow; stop everything with ./lanyard stop all.
`;
