import type { Fate } from '../cast/weather.ts';
import type { Reach } from '../fleet/database.ts';
import { describeElapsed, describeMs } from '../../sdk/wording/duration.ts';
import { counted } from '../../sdk/wording/sentence.ts';
import type { Aim, Moment } from './moments.ts';
import type { Trouble } from './trouble.ts';

type Of<Name extends Trouble['kind']> = Extract<Trouble, { readonly kind: Name }>;

/** What happens, as a sentence about a machine: the machine's name comes before it. */
export const sentenceOf = (trouble: Trouble): string => `${what(trouble)}${trouble.aim ? after(trouble.aim) : ''}`;

function what(trouble: Trouble): string {
  switch (trouble.kind) {
    case 'crash':
      return `kills the daemon just ${trouble.when} it changes the disk${trouble.power ? ', and loses its power' : ''}`;
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
    case 'owner':
      return owner(trouble);
    default:
      return PLAIN[trouble.kind];
  }
}

const PLAIN = {
  kill: 'kills the daemon',
  'power-cut': 'loses its power',
  restart: 'stops the daemon, and starts it again',
  'sign-in': 'lets its user sign in again',
  'refresh-now': 'asks for an attempt, as its user does',
  force: 'asks for a renewal by force, as its user does',
  reload: 'reads its configuration again',
  'slow-reader': 'starts a client that reads nothing',
  overtaken: 'will let another program renew a login just before the daemon takes its lock',
} as const satisfies Partial<Record<Trouble['kind'], string>>;

const FATES: Readonly<Record<Fate, string>> = {
  answered: 'answered',
  'lost-before': 'lost with the connection',
  'lost-after': 'done, and the answer lost with the connection',
  'silence-before': 'lost without a word',
  'silence-after': 'done without an answer',
  unavailable: 'answered with 503',
  limited: 'answered with 429',
  portal: 'answered by a portal with a web page',
};

const REACHES: Readonly<Record<Reach, string>> = {
  well: 'answers',
  refused: 'refuses connections',
  silent: 'does not answer',
  deaf: 'does what it is asked, and whose answers are lost',
  late: 'is reached up to a minute late',
};

function vendor({ requests, fate }: Of<'vendor'>): string {
  const next = requests === 1 ? 'request' : `${requests} requests`;
  return `will see its next ${next} to the vendor ${FATES[fate]}`;
}

function owner({ from, besideMs, calls, end }: Of<'owner'>): string {
  const delay = `${describeElapsed(besideMs)} after the daemon ${from === 'lock' ? 'takes' : 'releases'} its lock`;
  const start = from === 'now' ? '' : `, ${delay}`;
  const meets = end === 'well' ? '' : `. At change ${calls} of the disk, ${ENDS[end]}`;
  return `starts another program that renews a login${start}${meets}`;
}

/** What another program meets in its renewal. */
export const ENDS = {
  crash: 'that program crashes',
  sleep: 'the machine sleeps',
  clock: 'the clock is set forward an hour',
};

const MOMENTS: Readonly<Record<Moment, string>> = {
  attempt: 'an attempt has begun',
  lease: 'it has a lease of a login',
  lock: 'it has taken a lock',
  sent: 'its request has arrived',
  rename: 'it has put a file in place',
  seen: 'clients have seen the end of an attempt',
};

/** When it happens: the daemon is between two steps. */
function after({ from, calls }: Aim): string {
  if (from === 'now') return '';
  const changes = calls === 0 ? '' : `, and the disk has changed ${counted(calls, 'time')}`;
  return ` (${MOMENTS[from]}${changes})`;
}

const long = (ms: number): string => describeMs(ms, 'long');
const set = (by: number): string => `${by < 0 ? 'back' : 'forward'} by ${long(Math.abs(by))}`;
