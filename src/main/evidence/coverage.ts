import { comparePins } from '../../catalog/pins/pins.ts';
import { Coverage, type CoverageNow, type Hole } from '../../watch/coverage/coverage.ts';
import type { UpstreamConfiguration } from '../configuration/shape.ts';
import type { House } from '../house.ts';
import { secretsOf } from '../revoke/stake.ts';
import type { Notifying } from '../watching/notifying.ts';

/** Begins to say in the log what this house covers. */
export async function openCoverage(house: House, notifying: Notifying): Promise<Coverage> {
  return new Coverage({
    clock: house.clock,
    record: (draft) => house.recorder.record(draft),
    look: () => lookAt(house, notifying),
    remembered: await house.store.cell('coverage', 'holes'),
  });
}

function lookAt(house: House, notifying: Notifying): CoverageNow {
  const { configuration } = house.resolved().set;
  return {
    governed: {
      agents: [...house.standing.inForce.agents.keys()],
      doors: ['mcp', 'check'],
      parts: [
        'rules',
        'pins',
        'levels',
        'marks',
        ...(configuration.witness.length > 0 ? ['witness'] : []),
        ...(configuration.telemetry === undefined ? [] : ['telemetry']),
      ],
      upstreams: Object.keys(configuration.upstreams),
    },
    holes: [
      ...(house.passkeys.claimed ? [] : [{ hole: 'unclaimed' } as const]),
      // Until `run` keeps agents in: true of every instance, and said all the same.
      { hole: 'uncontained' },
      ...notifying.unreached().map((about): Hole => ({ hole: 'unreached', about })),
      ...notifying
        .undelivered()
        .map(({ lane: about, code: what }): Hole => ({ hole: 'undelivered', about, what })),
      ...wayHoles(house),
      ...witnessHoles(house),
      ...house.upstreamPool.missing.map((about): Hole => ({ hole: 'upstream-missing', about })),
      ...Object.entries(configuration.upstreams).flatMap(([id, upstream]) =>
        upstreamHoles(house, id, upstream),
      ),
    ],
  };
}

function wayHoles({ waysToStop: { stopChannel, brake } }: House): Hole[] {
  return [
    ...(stopChannel === null ? [] : [{ hole: 'stop-channel-unreachable', what: stopChannel } as const]),
    ...(brake === null ? [] : [{ hole: 'brake-unreachable', what: brake } as const]),
  ];
}

function witnessHoles(house: House): Hole[] {
  const { all } = house.witnesses;
  if (all.length === 0) return [{ hole: 'unwitnessed' }];
  return all.flatMap(({ label: about, trouble, aheadOf }): Hole[] => [
    ...(trouble === null ? [] : [{ hole: 'witness-unreachable' as const, about, what: trouble }]),
    ...(aheadOf === null ? [] : [{ hole: 'witness-ahead' as const, about }]),
  ]);
}

function upstreamHoles(house: House, about: string, upstream: UpstreamConfiguration): Hole[] {
  const { shared, revoke } = upstream;
  const isLasting = secretsOf(upstream).length > 0 && revoke === undefined;
  const stale = house.pins.generations(about).some((generation) => {
    const listed = house.pins.listed(about, generation);
    if (listed === null) return false;
    const { changed, added, removed } = comparePins(house.pins.pinned(about, generation), listed.values());
    return changed.length + added.length + removed.length > 0;
  });
  const entries = house.standing.inForce.upstreams.get(about);
  const unknown = [...house.pins.of(about).values()].filter(
    ({ kind, name }) => kind === 'tool' && entries?.entryOf(name) === undefined,
  ).length;
  return [
    ...(shared ? [{ hole: 'upstream-shared' as const, about }] : []),
    ...(isLasting ? [{ hole: 'secret-without-revoke' as const, about }] : []),
    ...(stale ? [{ hole: 'catalog-stale' as const, about }] : []),
    ...(unknown > 0
      ? [{ hole: 'catalog-incomplete' as const, about, what: `${unknown} tools are unclassified` }]
      : []),
  ];
}
