import { useQuery, useQueryClient } from '@tanstack/react-query';
import { enrolSecond } from '../../api/enter.ts';
import { me } from '../../api/queries.ts';
import { DoingFault, useDoing } from '../../look/do.tsx';
import { Icon } from '../../look/icons.tsx';

/** Whoever has one passkey is locked out by losing one device. */
export function SecondPasskey() {
  const { data } = useQuery(me);
  const queries = useQueryClient();
  const { busy, error, run } = useDoing();
  if (data === undefined || data.passkeys > 1) return null;
  const add = () =>
    run(async () => {
      await enrolSecond();
      await queries.invalidateQueries({ queryKey: ['me'] });
    });
  return (
    <div className="note wait stack tight">
      <p>
        You have one passkey. Make a second one on another device or key, so that losing one does not lock you
        out.
      </p>
      <DoingFault error={error} />
      <p>
        <button type="button" disabled={busy} onClick={add}>
          <Icon name="key" /> Make a second passkey
        </button>
      </p>
    </div>
  );
}
