/** What rings: the index of the alarm. */
export type Ring = (index: number) => void;

/** A way to be called at a time. */
export type Candidate = {
  /** Sets an alarm for each of these times. Returns what its user would keep to cancel them. */
  readonly set: (times: readonly number[], ring: Ring) => unknown;
  /** Sets this many alarms that ring at this second of each minute. */
  readonly repeat: (count: number, second: number, ring: Ring) => unknown;
  /** Bytes that it holds outside of this process. */
  readonly bytesElsewhere?: () => Promise<number>;
  readonly close: () => unknown;
};
