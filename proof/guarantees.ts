export type Guarantee = {
  readonly model: 'redeem' | 'lease';
  /** The name of its formula in the model. */
  readonly name: string;
  /** Something happens in the end, if every program that can go on does. */
  readonly isProgress?: boolean;
  readonly bounds: Readonly<Record<string, number>>;
  /** Each takes one precaution away. Then the guarantee must fail. */
  readonly reverts: readonly string[];
};

const REDEEM = { CRASHES: 1, LOSSES: 1, REFUSALS: 1, TICKS: 2, FORCES: 0 };
const REDEEM_PROGRESS = { CRASHES: 1, LOSSES: 0, REFUSALS: 1, TICKS: 1, FORCES: 0, POLITE: 1 };
const LEASE = { MACHINES: 2, CRASHES: 1, PAUSES: -1, LOST: 1, EPOCHS: 4, LEAVES: 1 };
/** Searched besides, without reverts. Smaller, because a third machine multiplies the states. */
export const THREE_MACHINES = { MACHINES: 3, CRASHES: 0, PAUSES: -1, LOST: 0, EPOCHS: 3, LEAVES: 0, LEASE: 2 };
const LEASE_PROGRESS = { MACHINES: 2, CRASHES: 1, PAUSES: 1, LOST: 1, EPOCHS: 9, LEAVES: 1, LEASE: 2 };

const redeem = (name: string, ...reverts: readonly string[]): Guarantee => ({
  model: 'redeem',
  name,
  bounds: REDEEM,
  reverts,
});
const lease = (name: string, ...reverts: readonly string[]): Guarantee => ({
  model: 'lease',
  name,
  bounds: LEASE,
  reverts,
});

export const GUARANTEES: readonly Guarantee[] = [
  redeem('lock_exclusive', 'STEAL'),
  redeem('token_sent_once', 'NO_NOTE'),
  redeem('kept_not_sent', 'NO_RECALL'),
  redeem('login_survives', 'NO_REREAD', 'NO_LOCK'),
  redeem('answer_kept', 'FORGET_EARLY'),
  redeem('newer_login_kept', 'BLIND_WRITE'),
  { ...redeem('journal_adopted', 'NO_ADOPT'), isProgress: true, bounds: REDEEM_PROGRESS },
  { ...redeem('due_attempted', 'IGNORE_DEATH'), isProgress: true, bounds: REDEEM_PROGRESS },
  lease('one_holder', 'COUNT_LATE', 'NO_LOST', 'EAGER'),
  lease('sent_once_while_leased', 'NO_LOOK'),
  lease('recorded_by_holder_only', 'NO_EPOCH'),
  lease('left_when_settled', 'LEAVE_EARLY'),
  { ...lease('told_in_the_end', 'NO_TELL'), isProgress: true, bounds: LEASE_PROGRESS },
  { ...lease('failover', 'NO_EXPIRY'), isProgress: true, bounds: LEASE_PROGRESS },
];
