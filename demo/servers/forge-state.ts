import { join } from 'node:path';
import { systemClock, toInstant } from '../../src/base/clock.ts';
import { Shelf } from './shelf.ts';

interface PullRequest {
  readonly owner: string;
  readonly repo: string;
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly head: string;
  readonly base: string;
  readonly author: string;
  readonly state: 'open' | 'closed' | 'merged';
  readonly closedBy?: string;
  readonly updated_at: string;
  readonly comments: readonly { readonly author: string; readonly body: string }[];
}

export interface Push {
  readonly owner: string;
  readonly repo: string;
  readonly branch: string;
  readonly author: string;
  readonly files: readonly { readonly path: string; readonly content: string }[];
}

interface ForgeDocument {
  readonly pulls: readonly PullRequest[];
  readonly pushes: readonly Push[];
}

type Key = Pick<PullRequest, 'owner' | 'repo' | 'number'>;

/**
 * What a small forge remembers, in `<directory>/forge.json`. Its MCP server is one door to it; a person who works on
 * the forge, as the maintainer of the demo does, uses another. Throws where a pull request is not there or not open.
 */
export class ForgeState {
  readonly #shelf: Shelf<ForgeDocument>;

  constructor(directory: string) {
    this.#shelf = new Shelf(join(directory, 'forge.json'), { pulls: [], pushes: [] });
  }

  pulls(owner: string, repo: string): readonly PullRequest[] {
    return this.#shelf.read().pulls.filter((pull) => pull.owner === owner && pull.repo === repo);
  }

  pushes(): readonly Push[] {
    return this.#shelf.read().pushes;
  }

  pull({ owner, repo, number }: Key): PullRequest {
    const found = this.pulls(owner, repo).find((pull) => pull.number === number);
    if (found === undefined) throw new Error(`${owner}/${repo} has no pull request ${number}`);
    return found;
  }

  open(asked: Omit<PullRequest, 'number' | 'state' | 'updated_at' | 'comments' | 'closedBy'>): PullRequest {
    const document = this.#shelf.read();
    const number = this.pulls(asked.owner, asked.repo).length + 1;
    const pull: PullRequest = { ...asked, number, state: 'open', updated_at: now(), comments: [] };
    this.#shelf.write({ ...document, pulls: [...document.pulls, pull] });
    return pull;
  }

  comment(key: Key, author: string, body: string): PullRequest {
    const pull = this.pull(key);
    return this.#replace({ ...pull, comments: [...pull.comments, { author, body }] });
  }

  end(key: Key, state: 'closed' | 'merged', by: string): PullRequest {
    const pull = this.pull(key);
    if (pull.state !== 'open') throw new Error(`pull request ${key.number} is ${pull.state}`);
    return this.#replace({ ...pull, state, closedBy: by });
  }

  push(push: Push): void {
    const document = this.#shelf.read();
    this.#shelf.write({ ...document, pushes: [...document.pushes, push] });
  }

  #replace(changed: PullRequest): PullRequest {
    const next = { ...changed, updated_at: now() };
    const document = this.#shelf.read();
    const same = (pull: PullRequest) =>
      pull.owner === next.owner && pull.repo === next.repo && pull.number === next.number;
    this.#shelf.write({ ...document, pulls: document.pulls.map((pull) => (same(pull) ? next : pull)) });
    return next;
  }
}

const now = () => toInstant(systemClock.now());
