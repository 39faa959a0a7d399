import { fault, refusal } from './row.ts';

/** What doors refuse before a request has reached a route, what they say of a flood, and of themselves. */
export const DOORS = {
  BAD_HTTP: refusal(400, 'This is no HTTP request that can be read in one way only.'),
  HEADERS_TOO_LARGE: refusal(431, 'The headers of the request are larger than {limit} bytes.'),
  REQUEST_TIMEOUT: refusal(408, 'The request did not arrive in time.'),
  EXPECTATION_REFUSED: refusal(417, 'Expect can ask for 100-continue here, and for nothing else.'),
  NO_UPGRADE: refusal(400, 'This address switches to no other protocol.'),
  HOST_MISSING: refusal(400, 'The request has no Host header.'),
  TOO_MANY_HEADERS: refusal(431, 'The request has more than {limit} headers.'),
  BAD_HOST: refusal(403, 'The Host header names {host}, which is not this gateway.'),
  BAD_ORIGIN: refusal(403, 'A page of {origin} may not speak to this gateway.'),
  SOCKET_ROUTE_UNKNOWN: refusal(404, 'The operator socket does not know this address.'),
  TOO_MANY_LOOKS: refusal(
    429,
    'This agent listed, began sessions or pinged more than {limit} times within a minute; slow down.',
  ),
  TOO_MANY_REFUSALS: refusal(
    429,
    'This agent was refused more than {limit} times within a minute, so nothing of it is read until that is over.',
  ),
  FAULT: fault(
    503,
    'Everything is frozen because of a fault, until a person looks (./lanyard status) and releases it.',
  ),
  SWITCH_UNREADABLE: fault(
    503,
    'The state directory cannot be read from here, so a stop that was put there would not be seen.',
  ),
  OPERATION_FAILED: fault(
    500,
    'Something inside Lanyard went wrong, and it is not known whether this was done; its log says more.',
  ),
};
