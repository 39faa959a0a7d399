import type { JsonObject } from '../../base/json.ts';
import type { ActionStory } from '../../contract/control-reads.ts';
import type { Store } from '../../store/store.ts';
import { askedAs } from './fate.ts';

/**
 * What a person wrote in place of an agent's arguments has an id of its own, under which nothing is decided before it runs.
 * Until then its story is that of the action that she edited, with what became of the edit. Null where the id is of no edit.
 */
export async function storyOfEdit(
  store: Store,
  edit: string,
  storyOf: (action: string) => Promise<ActionStory | null>,
): Promise<ActionStory | null> {
  const entries: JsonObject[] = [];
  for await (const page of store.find({ action: edit }))
    for (const { text } of page) entries.push(JSON.parse(text) as JsonObject);
  const approval = entries.find(({ kind }) => kind === 'approval.edited')?.['approval'];
  const asked = typeof approval === 'string' ? await askedAs(store, approval) : null;
  const story = asked?.action === undefined ? null : await storyOf(asked.action);
  return story === null ? null : { ...story, between: [...story.between, ...entries] };
}
