import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { ID_PATTERN } from '../../model/agent.ts';

/**
 * The first configuration, for one developer and a real filesystem server over ./workspace. Never overwrites anything.
 */
export function writeStarter(home: string): void {
  const owner = ownerId();
  const files: Readonly<Record<string, string>> = {
    'lanyard.yaml': configuration(owner),
    'policies/workspace.cedar': WORKSPACE_RULES,
    'workspace/README.md': WORKSPACE_README,
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(home, name);
    if (existsSync(path)) continue;
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
  }
}

/** The name of the user who starts it, where that can be an id. */
function ownerId(): string {
  const name = userInfo()
    .username.toLowerCase()
    .replace(/[^a-z0-9-]/g, '-');
  return ID_PATTERN.test(name) ? name : 'owner';
}

const configuration = (
  owner: string,
): string => `# Lanyard's first configuration. Every key: docs/formats/interface.md.
# Editing this file changes nothing by itself: ./lanyard apply shows the difference and takes it.
listen: 127.0.0.1:7700
control: 127.0.0.1:7702    # for people: http://localhost:7702; claim it with ./lanyard enrol
state: ./state
people:
  - { id: ${owner}, name: ${owner}, roles: [owner, admin] }
agents:
  - id: coder
    owner: ${owner}
    purpose: Reads and writes files in the workspace
upstreams:
  files:
    command: [node_modules/.bin/mcp-server-filesystem, .]
    cwd: ./workspace
    catalog: filesystem
packs: [starter, breakers] # read and draft are allowed, everything else needs a person; what runs wild stops by itself
policies: [./policies]     # your own rules
`;

const WORKSPACE_RULES = `// Your own rules. The pack "starter" already allows reading and drafting and holds everything else.
// A forbid wins over every permit. After an edit: ./lanyard policy check, then ./lanyard apply.

@id("no-hidden-files")
@reason("Files whose name begins with a dot hold settings and secrets; agents leave them alone.")
forbid (principal, action in [Action::"effect:create", Action::"effect:update", Action::"effect:delete"], resource is Path)
when { resource.name like ".*" };
`;

const WORKSPACE_README = `# The workspace

Whatever lies here can be read and changed by the agent "coder" through the MCP server "files".
Try it: let the agent read this file, then let it write \`.env\`. The second is denied, with the rule's reason.
`;
