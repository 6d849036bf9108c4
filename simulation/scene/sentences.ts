import type { Exchange } from '../cast/vendor.ts';
import type { Fate } from '../cast/weather.ts';
import type { Reach } from '../fleet/database.ts';
import { describeElapsed, describeMs } from '../../sdk/wording/duration.ts';
import { counted } from '../../sdk/wording/sentence.ts';
import type { Aim, Moment } from './moments.ts';
import type { Trouble } from './trouble.ts';

type Of<Name extends Trouble['kind']> = Extract<Trouble, { readonly kind: Name }>;

/** What is written when it happens. What another program does is written when that starts: see `ownerStarts`. */
export type Announced = Exclude<Trouble, Of<'owner'>>;

/** What happens, as a sentence about a machine, whose name comes before it. */
export const sentenceOf = (trouble: Announced): string => `${what(trouble)}${trouble.aim ? after(trouble.aim) : ''}`;

function what(trouble: Announced): string {
  switch (trouble.kind) {
    case 'crash':
      return `kills the daemon just ${trouble.when} it changes the disk${trouble.power ? ', and the power fails' : ''}`;
    case 'sleep':
      return `sleeps for ${long(trouble.ms)}`;
    case 'disk-full':
      return `has ${counted(trouble.free, 'byte')} left on its disk, for ${long(trouble.ms)}`;
    case 'read-only':
      return `cannot write to its disk for ${long(trouble.ms)}`;
    case 'offline':
      return `has no network for ${long(trouble.ms)}`;
    case 'clock':
      return `sets its clock ${set(trouble.by)}`;
    case 'pause':
      return `pauses a session for ${long(trouble.ms)}`;
    case 'vendor':
      return vendor(trouble);
    case 'fleet':
      return `shares a database that ${REACHES[trouble.reach]}, for ${long(trouble.ms)}`;
    case 'fleet-clock':
      return `shares a database whose clock is set ${set(trouble.by)}`;
    default:
      return PLAIN[trouble.kind];
  }
}

const PLAIN = {
  kill: 'kills the daemon',
  'power-cut': 'loses its power',
  restart: 'stops the daemon, and starts it again',
  'sign-in': 'has its user sign in again',
  'refresh-now': 'asks for an attempt, as its user does',
  force: 'asks for a renewal by force, as its user does',
  reload: 'reads its configuration again',
  'slow-reader': 'starts a client that reads nothing',
  overtaken: 'will let another program renew a login just before the daemon takes its lock',
} as const satisfies Partial<Record<Trouble['kind'], string>>;

const FATES: Readonly<Record<Fate, (requests: string) => string>> = {
  answered: requests => `will get a good answer to ${requests}`,
  'lost-before': requests => `will lose ${requests}, with the connection`,
  'lost-after': requests => `will lose the answer to ${requests}, with the connection`,
  'silence-before': requests => `will lose ${requests}, and wait for an answer`,
  'silence-after': requests => `will lose the answer to ${requests}, and wait for it`,
  unavailable: requests => `will get 503 for ${requests}`,
  limited: requests => `will get 429 for ${requests}`,
  portal: requests => `will get the page of a portal for ${requests}`,
};

const REACHES: Readonly<Record<Reach, string>> = {
  well: 'answers',
  refused: 'refuses connections',
  silent: 'does not answer',
  deaf: 'gets each statement, and loses each answer',
  late: 'is reached up to a minute late',
};

function vendor({ requests, fate }: Of<'vendor'>): string {
  return FATES[fate](`its next ${requests === 1 ? 'request' : `${requests} requests`} to the vendor`);
}

/** A program has sent a token. */
export const tokenSent = ({ family, result }: Exchange): string =>
  `sent a token of ${family?.account ?? 'nothing'}, ${RESULTS[result]}`;

const RESULTS: Readonly<Record<Exchange['result'], string>> = {
  renewed: 'which was renewed',
  repeated: 'and got the answer again that was lost',
  reused: 'which was spent before, so the login has ended',
  refused: 'which was refused, because the login has ended',
};

/** A program of the user starts to renew a login. */
export function ownerStarts(login: string, { from, besideMs }: Of<'owner'>): string {
  const lock = from === 'lock' ? 'has taken' : 'has released';
  const when = from === 'now' ? '' : `, ${describeElapsed(besideMs)} after the daemon ${lock} its lock`;
  return `starts another program that renews ${login}${when}`;
}

/** What happens while that program renews the login. */
export const OWNER_ENDS = {
  crash: 'sees another program crash while it renews a login',
  sleep: 'sleeps while another program renews a login',
  clock: 'sets its clock forward by 1 hour while another program renews a login',
} as const;

const MOMENTS: Readonly<Record<Moment, string>> = {
  attempt: 'an attempt has begun',
  lease: 'the daemon has the lease of a login',
  lock: 'the daemon has taken a lock',
  sent: 'the request of the daemon has arrived',
  rename: 'the daemon has put a file in place',
  seen: 'clients have seen the end of an attempt',
};

/** Which moment of an attempt it happened at. */
function after({ from, calls }: Aim): string {
  if (from === 'now') return '';
  const changes = calls === 0 ? '' : `, then the disk was changed ${counted(calls, 'time')}`;
  return ` (${MOMENTS[from]}${changes})`;
}

const long = (ms: number): string => describeMs(ms, 'long');
const set = (by: number): string => `${by < 0 ? 'back' : 'forward'} by ${long(Math.abs(by))}`;
