import { standIn } from './canary-programs.ts';
import type { CanaryVendors } from './canary-vendors.ts';

const MINUTE = 60_000;
export const DAY = 1_440 * MINUTE;

/** A session, its credential, and the outcome of its first attempt. */
export type CanarySession = {
  readonly id: string;
  /** Its entry in the configuration. */
  readonly entry: unknown;
  /** Contents by path, relative to the home. */
  readonly files: Readonly<Record<string, string>>;
  readonly programs?: Readonly<Record<string, string>>;
  readonly outcome: string;
};

/** The text of a credential that expires then. `mark` distinguishes credentials. */
export type CredentialText = (mark: string, expiry: number) => string;

/** A provider whose program is replaced by a stand-in that renews the store. */
export type Touched = {
  readonly name: string;
  /** The real program is installed, so no stand-in is needed for a working session. */
  readonly isReal?: boolean;
  /** The store, and the options that name it. */
  readonly place: (suffix: string) => readonly [store: string, options: object];
  readonly text: CredentialText;
  /** The outcome if the program does nothing. */
  readonly broken: string;
};

/** Makes the canary sessions of one provider. Default export of `tests/plugins/NAME.canary.ts`. */
export type Canary = (world: CanaryWorld) => readonly CanarySession[];

/** What the sessions of a provider are made from. */
export type CanaryWorld = ReturnType<typeof canaryWorld>;

type Given = {
  readonly vendors: CanaryVendors;
  /** The real programs, by name; undefined if a stand-in is used. */
  readonly real: (program: string) => string | undefined;
  readonly email: string;
  /** Add the sessions for which everything goes wrong. */
  readonly thorough: boolean;
};

export function canaryWorld(given: Given) {
  const { thorough } = given;
  const [ended, soon, later] = [Date.now() - MINUTE, Date.now() + MINUTE, Date.now() + DAY];
  return {
    ...given,
    ended,
    soon,
    later,

    /** A line of a cookies.txt. */
    cookie(host: string, name: string, value: string, secure = 'FALSE'): string {
      const fields = [`#HttpOnly_${host}`, 'FALSE', '/', secure, Math.floor(soon / 1_000), name, value];
      return `# Netscape HTTP Cookie File\n${fields.join('\t')}\n`;
    },

    /** A session whose program is a stand-in, and if thorough another one whose program does nothing. */
    touched: ({ name, isReal = false, place, text, broken }: Touched): readonly CanarySession[] =>
      [...(isReal ? [] : ['']), ...(thorough ? ['-broken'] : [])].map(suffix => {
        const [[store, options], program] = [place(suffix), `${name}-stand-in${suffix}`];
        return {
          id: `${name}${suffix}`,
          entry: [name, { id: `${name}${suffix}`, program, ...options }],
          files: { [store]: text('1', ended) },
          programs: { [program]: standIn(store, text('2', later), { broken: suffix !== '' }) },
          outcome: suffix ? broken : 'refreshed',
        };
      }),
  };
}
