import type { ShownLine } from '../../../src/contract/approval.ts';
import { Scroller } from './scroller.tsx';
import { Shown } from './shown.tsx';

const SPOKEN = { '+': 'added: ', '-': 'removed: ', ' ': '' } as const;
const CLASS = { '+': 'added', '-': 'removed', ' ': '' } as const;

/** Lines of a difference; the sign stands beside the colour. */
export function Difference({ lines }: { readonly lines: readonly ShownLine[] }) {
  return (
    <Scroller label="Difference" className="difference">
      {lines.map(({ sign, text }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other name than its place
        <div key={at} className={CLASS[sign]}>
          <span aria-hidden="true">{sign}</span>
          <span>
            <span className="only-heard">{SPOKEN[sign]}</span>
            <Shown text={text} />
          </span>
        </div>
      ))}
    </Scroller>
  );
}
