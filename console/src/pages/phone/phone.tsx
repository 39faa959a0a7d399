import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { sendTest, subscribeHere, whyNoPush } from '../../api/push.ts';
import { DoingFault, useActs, useDoing } from '../../look/do.tsx';
import { Icon } from '../../look/icons.tsx';
import { Card, Page } from '../../look/page.tsx';
import { StopFromHere } from './stop-from-here.tsx';
import { StopsKept } from './stops-kept.tsx';

/** Where a phone arrives from the code that `./lanyard phone` shows. */
export function Phone() {
  const { busy, error, run } = useDoing();
  const [said, say] = useState<string | null>(null);
  const acts = useActs();
  const cannot = whyNoPush();
  const subscribe = () =>
    run(async () => {
      await subscribeHere();
      say('This device is told from now on. Send a test to see it.');
    });
  const test = () =>
    run(async () => {
      const sent = await sendTest();
      const lost = sent.filter(({ code }) => code !== undefined);
      say(
        lost.length === 0
          ? `Sent by ${sent.map(({ channel }) => channel).join(', ')}.`
          : `Not delivered by ${lost.map(({ channel, code }) => `${channel} (${code})`).join(', ')}.`,
      );
    });
  if (!acts) return <ForAuditors />;
  return (
    <Page title="This device" about="Be told of what waits for you, although no page is open.">
      <Card title="Messages">
        <div className="body stack">
          <p>
            A message says what kind of thing waits and for which agent, never a word that an agent wrote. It
            opens a page here; opening decides nothing.
          </p>
          {cannot === null ? null : <p className="note wait">{cannot}</p>}
          <DoingFault error={error} />
          {said === null ? null : (
            <p className="note" role="status">
              {said}
            </p>
          )}
          <div className="row wrap">
            <button type="button" className="main" disabled={busy || cannot !== null} onClick={subscribe}>
              <Icon name="key" /> Tell me on this device
            </button>
            <button type="button" disabled={busy} onClick={test}>
              Send me a test
            </button>
          </div>
        </div>
      </Card>
      <StopFromHere />
      <StopsKept />
    </Page>
  );
}

/** For auditors: nothing waits for whoever only reads, and stopping would change something. */
function ForAuditors() {
  return (
    <Page title="This device">
      <p className="note">
        An auditor reads everything and changes nothing, so nothing waits for you and no message would come
        here. What happened is in the <Link to="/log">log</Link> and under <Link to="/actions">actions</Link>.
      </p>
    </Page>
  );
}
