import { Foreign } from './foreign.tsx';

type Member = readonly [name: string, value: unknown];

function membersOf(text: string): readonly Member[] | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return Object.entries(value);
  } catch {
    return null;
  }
}

/** Arguments or a result, whole: each member by its name, a text as that text, anything else as JSON. */
export function Given({ text }: { readonly text: string }) {
  const members = membersOf(text);
  if (members === null) return <Foreign block text={text} />;
  if (members.length === 0) return <p className="soft">None.</p>;
  return (
    <dl className="stack tight">
      {members.map(([name, value]) => (
        <One
          key={name}
          name={name}
          text={typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
        />
      ))}
    </dl>
  );
}

/** What fits on a line stands on one; anything else as a block of its own. */
const SHORT = 90;

function One({ name, text }: { readonly name: string; readonly text: string }) {
  const short = text.length <= SHORT && !/[\n\r]/.test(text);
  return (
    <div className={short ? 'given short' : 'given'}>
      <dt className="small soft">
        <Foreign text={name} />
      </dt>
      <dd className="mono">
        <Foreign block={!short} text={text} />
      </dd>
    </div>
  );
}
