import { useState } from 'react';
import { ask } from '../../api/ask.ts';
import { DoingFault, useDoing } from '../../look/do.tsx';
import { Card } from '../../look/page.tsx';

interface MadeKey {
  readonly id: string;
  readonly link: string;
}

interface SavedPage {
  readonly page: string;
  readonly name: string;
  readonly codes: number;
}

/** What a phone keeps to stop with: a link with a key, and a page with codes. Neither does anything else. */
export function StopFromHere() {
  const { busy, error, run } = useDoing();
  const [made, setMade] = useState<MadeKey | null>(null);
  const [saved, setSaved] = useState<number | null>(null);
  const makeLink = () => run(async () => setMade(await ask<MadeKey>('/v1/stop-keys', {})));
  const savePage = () =>
    run(async () => {
      const { page, name, codes } = await ask<SavedPage>('/v1/stop-page', {});
      const url = URL.createObjectURL(new Blob([page], { type: 'text/html' }));
      const link = document.createElement('a');
      link.href = url;
      link.download = name;
      link.click();
      URL.revokeObjectURL(url);
      setSaved(codes);
    });
  return (
    <Card title="Stop from this device">
      <div className="body stack">
        <p>
          One press stops every agent, whether or not you are signed in. What you keep for it stops and does
          nothing else; show it to nobody.
        </p>
        <DoingFault error={error} />
        <div className="row wrap">
          <button type="button" disabled={busy} onClick={makeLink}>
            Make a stop link
          </button>
          <button type="button" disabled={busy} onClick={savePage}>
            Save a stop page
          </button>
        </div>
        {made === null ? null : (
          <p className="note" role="status">
            Open <a href={made.link}>this link</a> and keep it on your first screen. It is shown once; its key
            is <span className="mono">{made.id}</span>.
          </p>
        )}
        {saved === null ? null : (
          <p className="note" role="status">
            The page holds {saved} codes, each good once, and works where this console cannot be reached. Keep
            it among your files.
          </p>
        )}
      </div>
    </Card>
  );
}
