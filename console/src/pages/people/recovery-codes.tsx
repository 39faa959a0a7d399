import { useState } from 'react';
import { signed } from '../../api/sign.ts';
import { CodeList } from '../../look/code-list.tsx';
import { DoingFault, useDoing } from '../../look/do.tsx';
import { Icon } from '../../look/icons.tsx';
import { Card } from '../../look/page.tsx';

/** New ones for whoever lost or used hers; they are shown once, here. */
export function RecoveryCodes() {
  const { busy, error, run } = useDoing();
  const [codes, setCodes] = useState<readonly string[]>([]);
  const make = () =>
    run(async () => {
      const made = await signed<{ readonly recoveryCodes: readonly string[] }>('/v1/recovery-codes', {});
      setCodes(made.recoveryCodes);
    });
  return (
    <Card title="Your recovery codes">
      <div className="body stack">
        {codes.length === 0 ? (
          <p>
            Each makes a new passkey where you lost your device. New ones are shown once; the ones before are
            good no more.
          </p>
        ) : (
          <>
            <p className="note wait" role="status">
              Write these down now, on paper; they are shown once. The ones before are good no more.
            </p>
            <CodeList codes={codes} />
          </>
        )}
        <DoingFault error={error} />
        <p>
          <button type="button" disabled={busy} onClick={make}>
            <Icon name="key" /> Make new recovery codes
          </button>
        </p>
      </div>
    </Card>
  );
}
