import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Overview } from '../../../src/contract/control-reads.ts';
import { type LiveState, useLive } from '../api/live.ts';
import { overview } from '../api/queries.ts';
import { Lamp, type Tone } from './badges.tsx';
import { FreezeAll } from './freeze-all.tsx';

interface Sign {
  readonly tone: Tone;
  readonly words: string;
  readonly to: '/' | '/inbox' | '/agents';
}

const count = (n: number, one: string, many: string): string => (n === 1 ? `1 ${one}` : `${n} ${many}`);

/** Is anything waiting, stopped or wrong. The gravest comes first and colours the strip. */
function signsOf({ waiting, halted, troubles }: Overview): Sign[] {
  const grave = troubles.filter((one) => one.grave).length;
  const other = troubles.length - grave;
  const signs: Sign[] = [];
  if (grave > 0)
    signs.push({ tone: 'stop', words: count(grave, 'thing is wrong', 'things are wrong'), to: '/' });
  const whole = halted.find(({ scope }) => scope === 'all');
  if (whole !== undefined) signs.push({ tone: 'stop', words: `everything is ${whole.level}`, to: '/agents' });
  else if (halted.length === 1)
    signs.push({
      tone: 'stop',
      words: `${halted[0]?.scope.replace(/^agent:/, '')} is ${halted[0]?.level}`,
      to: '/agents',
    });
  else if (halted.length > 1)
    signs.push({ tone: 'stop', words: count(halted.length, 'is stopped', 'are stopped'), to: '/agents' });
  if (waiting.mine > 0)
    signs.push({ tone: 'wait', words: count(waiting.mine, 'waits for you', 'wait for you'), to: '/inbox' });
  else if (waiting.all > 0)
    signs.push({
      tone: 'wait',
      words: count(waiting.all, 'waits for others', 'wait for others'),
      to: '/inbox',
    });
  if (other > 0)
    signs.push({ tone: 'plain', words: count(other, 'thing to know', 'things to know'), to: '/' });
  return signs;
}

const QUIET = 'Nothing is held, stopped or wrong';

const LIVE: Readonly<Record<LiveState, [Tone, string]>> = {
  live: ['fine', 'live'],
  connecting: ['plain', 'connecting'],
  lost: ['stop', 'connection lost; what you see may be old'],
};

export function Strip() {
  const { data } = useQuery(overview);
  const live = useLive();
  const [liveTone, liveWords] = LIVE[live];
  const signs = data === undefined ? [] : signsOf(data);
  const tone = signs.find((sign) => sign.tone !== 'plain')?.tone ?? 'fine';
  return (
    <div className={`strip ${tone}`}>
      <div className="signs" aria-live="polite">
        <ul>
          {data !== undefined && tone === 'fine' ? (
            <li>
              <Lamp tone="fine" /> {QUIET}
            </li>
          ) : null}
          {signs.map((sign) => (
            <li key={sign.words} className={sign.tone}>
              <Lamp tone={sign.tone} /> <Link to={sign.to}>{sign.words}</Link>
            </li>
          ))}
        </ul>
        <span className={`live row ${liveTone}`}>
          <Lamp tone={liveTone} /> {liveWords}
        </span>
      </div>
      <FreezeAll />
    </div>
  );
}
