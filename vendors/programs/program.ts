import type { ProviderContext, ProviderPlugin } from '../../sdk/plugin/provider.ts';
import type { Release } from '../../sdk/vendors/releases.ts';
import type { Expected, Fault, Needs } from '../faults/fault.ts';
import type { Seen } from '../judge.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** The honest vendor, on loopback. */
export type Vendor = {
  /** Where it listens, without TLS. */
  readonly url: string;
  /** Whether a request is for a new token, or uses the one that there is. */
  readonly isExchange: (method: string, host: string, path: string) => boolean;
  /** How often a token was renewed, and how often a spent one was shown again. */
  readonly counts: () => { readonly renewed: number; readonly reused: number };
  /** Moves its clock. */
  readonly clock?: (aheadMs: number) => void;
  /** Writes a login that is due into a home. */
  readonly signIn: (folder: string) => Promise<DueLogin>;
};

/** A login that is due. */
export type DueLogin = {
  /** What the store holds. It differs after a renewal. */
  readonly read: () => Promise<string>;
  /** Whether the vendor still accepts what the store holds. */
  readonly isAlive: () => Promise<boolean>;
  /** Ends it at the vendor. */
  readonly end: () => void;
};

/** The way of a program to its vendor. */
export type Way = {
  readonly folder: string;
  /** A folder of all trials of a release, for what a program unpacks. */
  readonly unpacked: string;
  /** The file of the certificate to trust. */
  readonly authority: string;
  readonly proxy: string;
};

/** A vendor's program, and how we use it. */
export type VendorProgram = {
  /** The name of its plugin, and of its folders in the cache. */
  readonly name: string;
  readonly npm: string;
  /** The program, below `node_modules`. */
  readonly bin: string;
  /** What its script after an installation would put in place: a file of the package for this system. */
  readonly native?: { readonly from: string; readonly to: string };
  /** Our provider with this program, by the kind of touch. */
  readonly kinds: Readonly<Record<string, (program: string) => ProviderPlugin>>;
  /** The status of an attempt that succeeded. */
  readonly success: 'refreshed' | 'fresh';
  readonly parts: readonly Needs[];
  readonly hosts: readonly string[];
  readonly vendor: () => Promise<Vendor>;
  /** What makes the program trust only this authority and reach only this proxy. */
  readonly env: (way: Way) => Env;
  readonly locks?: (folder: string) => readonly string[];
  /** By name of a fault: what it does differently, and is right about. */
  readonly expects?: Readonly<Record<string, Expected>>;
  /** Facts that are measured, by trials of other faults. */
  readonly measure?: (tryIt: (fault: Fault) => Promise<Seen>) => Promise<Pick<Release, 'lockStaleMs'>>;
  /** For a program that is only watched: its user starts it while the fault lasts. Whether it accepts its login. */
  readonly beside?: (context: ProviderContext, program: string, signal: AbortSignal) => Promise<boolean>;
  /** Whether the program itself accepts the login afterwards, if that is not seen otherwise. */
  readonly accepts?: (context: ProviderContext, program: string) => Promise<boolean>;
};

/** How often tokens were renewed, and how often a spent one was shown. */
export const countsOf = (exchanges: readonly { readonly answer: string }[]) => ({
  renewed: exchanges.filter(({ answer }) => answer === 'renewed').length,
  reused: exchanges.filter(({ answer }) => answer === 'reused').length,
});

/** As most packages name a system. */
export const SYSTEM = `${process.platform}-${process.arch}`;

/** The variables by which most programs find a proxy. */
export const proxied = (proxy: string): Env => ({
  HTTPS_PROXY: proxy,
  HTTP_PROXY: proxy,
  https_proxy: proxy,
  ALL_PROXY: proxy,
  NO_PROXY: '',
});
