import { type Problem, problem } from '../../../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../base/json.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { Channel } from './channel.ts';
import { CLIENT_INFO, LEGACY_VERSION, LEGACY_VERSIONS, MODERN_VERSION } from './frame.ts';
import { problemOf } from './reply.ts';

/** What a server said of itself when it was met. */
export interface Handshake {
  readonly version: string;
  readonly server: JsonObject;
  readonly instructions?: string;
  readonly capabilities: JsonObject;
}

const SERVER_INFO = 'io.modelcontextprotocol/serverInfo';

/** Meets the server in the channel's generation; an error when it does not speak that one. */
export function shakeHands(
  upstream: string,
  channel: Channel,
  timeoutMs: number,
): Promise<Result<Handshake, Problem>> {
  return channel.generation === '2026'
    ? discover(upstream, channel, timeoutMs)
    : initialize(upstream, channel, timeoutMs);
}

async function discover(
  upstream: string,
  channel: Channel,
  timeoutMs: number,
): Promise<Result<Handshake, Problem>> {
  const reply = await channel.call({ method: 'server/discover', paramsText: '{}', timeoutMs });
  if (reply.kind !== 'result') return err(problemOf(upstream, reply));
  const { result } = reply;
  const versions = result['supportedVersions'];
  if (!Array.isArray(versions) || !versions.includes(MODERN_VERSION)) {
    return err(problem('UPSTREAM_FAILED', { upstream, what: `it does not speak ${MODERN_VERSION}` }));
  }
  const meta = result['_meta'];
  // The server's name moved into `_meta` when 2026-07-28 was sealed again (spec PR #3002).
  const server = isJsonObject(meta) ? meta[SERVER_INFO] : undefined;
  return ok(introduce(MODERN_VERSION, server ?? result['serverInfo'], result));
}

async function initialize(
  upstream: string,
  channel: Channel,
  timeoutMs: number,
): Promise<Result<Handshake, Problem>> {
  const params = {
    capabilities: channel.capabilities,
    clientInfo: CLIENT_INFO,
    protocolVersion: LEGACY_VERSION,
  };
  const paramsText = JSON.stringify(params);
  const reply = await channel.call({ method: 'initialize', paramsText, timeoutMs });
  if (reply.kind !== 'result') return err(problemOf(upstream, reply));
  const { result } = reply;
  const version = result['protocolVersion'];
  if (typeof version !== 'string' || !LEGACY_VERSIONS.has(version)) {
    return err(
      problem('UPSTREAM_FAILED', { upstream, what: 'it answered with an unknown protocol version' }),
    );
  }
  channel.agree(version);
  await channel.notify('notifications/initialized', '{}');
  return ok(introduce(version, result['serverInfo'], result));
}

function introduce(version: string, server: Json | undefined, result: JsonObject): Handshake {
  const { instructions, capabilities } = result;
  return {
    version,
    server: isJsonObject(server) ? server : {},
    capabilities: isJsonObject(capabilities) ? capabilities : {},
    ...(typeof instructions === 'string' ? { instructions } : {}),
  };
}
