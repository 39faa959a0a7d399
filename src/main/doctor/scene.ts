import type { CanaryAgent } from './agent.ts';
import type { CanaryPerson } from './canary-person.ts';
import type { CanaryTopic } from './canary-topic.ts';
import type { Ground } from './ground.ts';
import type { CanaryHub } from './hub.ts';
import type { Laboratory } from './laboratory.ts';

/** What a check of the laboratory has before it. */
export interface LaboratoryScene extends Laboratory {
  readonly ground: Ground;
  readonly hub: CanaryHub;
  /** The agents of the laboratory, each with a token. */
  readonly canary: CanaryAgent;
  readonly other: CanaryAgent;
  readonly still: CanaryAgent;
  readonly busy: CanaryAgent;
  readonly slow: CanaryAgent;
  /** At its door for people; has not claimed it yet. */
  readonly person: CanaryPerson;
  /** The channel that it polls for stops. */
  readonly topic: CanaryTopic;
  /** The port of its brake. */
  readonly brake: number;
}
