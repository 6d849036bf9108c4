import type { DueLogin, Vendor } from '../programs/program.ts';
import type { Authorities } from './authority.ts';

/** What all trials of a release share. */
export type Shared = {
  readonly certificates: Authorities;
  /** A folder for what a program unpacks. */
  readonly unpacked: string;
};

/** A made-up machine with one login that is due, where one fault happens. */
export type World = {
  readonly folder: string;
  readonly vendor: Vendor;
  readonly login: DueLogin;
  /** The locks that the program takes while it renews. */
  readonly locks: readonly string[];
  /** Kills the vendor's program, as a user or a system without memory would. */
  readonly killProgram: () => Promise<void>;
  /** Aborts the attempt. */
  readonly giveUp: () => void;
};
