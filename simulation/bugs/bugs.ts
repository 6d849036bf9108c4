import type { Rule } from '../rules/rules.ts';

/** A mistake that a patch beside this file makes in the product, and the rule by which it must be found. */
export type Bug = { readonly name: string; readonly breaks: Rule; readonly sentence: string };

/** One line each: the table is for who looks for a rule. */
export const BUGS: readonly Bug[] = [
  {
    name: '01-answer-not-noted',
    breaks: 'login-survives',
    sentence: 'The answer to a token is not noted before the file is written.',
  },
  {
    name: '02-note-removed-early',
    breaks: 'login-survives',
    sentence: 'The note of an answer is removed before its tokens are in the file.',
  },
  {
    name: '03-sent-without-note',
    breaks: 'token-sent-once',
    sentence: 'A token is sent before that is noted, so a crash or a lost answer is not known later.',
  },
  {
    name: '04-lost-answer-retried',
    breaks: 'token-sent-once',
    sentence: 'A token whose answer was lost is sent again at the next attempt, while its session still works.',
  },
  {
    name: '05-repeated-without-end',
    breaks: 'token-sent-once',
    sentence: 'A request whose answer is lost is repeated for as long as a vendor may accept it.',
  },
  {
    name: '06-no-sync-of-file',
    breaks: 'store-whole',
    sentence: 'The new file of a login takes the place of the old one before it is synced.',
  },
  {
    name: '07-written-in-place',
    breaks: 'store-whole',
    sentence: 'The file of a login is replaced first and written then.',
  },
  {
    name: '08-no-sync-of-folder',
    breaks: 'login-survives',
    sentence: 'A renamed file is not secured by a sync of its folder.',
  },
  {
    name: '09-attempt-not-saved',
    breaks: 'attempts-apart',
    sentence: 'An attempt is not saved before it is made, so a crash loop becomes a loop of attempts.',
  },
  {
    name: '10-armed-too-soon',
    breaks: 'attempts-apart',
    sentence: 'A session that is armed again does not wait for its minInterval.',
  },
  {
    name: '11-alarm-not-set',
    breaks: 'due-is-attempted',
    sentence: 'After an attempt, no alarm is set for the next one.',
  },
  {
    name: '12-stale-alarm',
    breaks: 'due-is-attempted',
    sentence: 'An alarm that is set stays, also when the session becomes due earlier.',
  },
  {
    name: '13-history-late',
    breaks: 'seen-is-kept',
    sentence: 'Clients see an attempt before it is in the history.',
  },
  {
    name: '14-states-not-synced',
    breaks: 'seen-is-kept',
    sentence: 'The log of the states is not synced before clients see a change.',
  },
  {
    name: '15-secret-in-log',
    breaks: 'no-secret',
    sentence: 'A line of the log has the token that was sent, and secrets are not removed from the log.',
  },
  {
    name: '16-secret-for-clients',
    breaks: 'no-secret',
    sentence: 'The reason of a deferral names the token, and secrets are not removed from it.',
  },
  {
    name: '17-unhandled-rejection',
    breaks: 'runs-on',
    sentence: 'No handler gets the error of a save that is not awaited.',
  },
  { name: '18-handle-left-open', breaks: 'bounded', sentence: 'The note of a token that was sent is not closed.' },
  {
    name: '19-temporary-left',
    breaks: 'bounded',
    sentence: 'A replacement that is not needed leaves its temporary file.',
  },
  {
    name: '20-renewed-too-late',
    breaks: 'kept-alive',
    sentence: 'A session is due after its login has ended, instead of before.',
  },
  { name: '21-lock-not-taken', breaks: 'lock-respected', sentence: 'A token is sent without the lock of its file.' },
  {
    name: '22-not-read-again',
    breaks: 'token-is-current',
    sentence: 'Under the lock, the file is not read again before its token is spent.',
  },
  {
    name: '23-no-reserve',
    breaks: 'login-survives',
    sentence: 'No space is reserved for the answer before a token is sent.',
  },
  {
    name: '24-lock-released-early',
    breaks: 'lock-respected',
    sentence: 'The lock of a file is released while its token is being spent.',
  },
  {
    name: '25-lease-without-fence',
    breaks: 'one-renewer',
    sentence: 'A machine does not look whether its lease still holds before it sends a token.',
  },
  {
    name: '26-retried-after-reuse',
    breaks: 'token-sent-once',
    sentence: 'A token that its vendor has refused is sent again, as after an error that passes.',
  },
  {
    name: '27-sign-in-unseen',
    breaks: 'kept-alive',
    sentence: 'A session that needs a login does not notice that the user has signed in.',
  },
  {
    name: '28-refused-line-dropped',
    breaks: 'seen-is-kept',
    sentence: 'An attempt that the disk refused is not written when there is room.',
  },
  { name: '29-ends-on-full-disk', breaks: 'runs-on', sentence: 'The daemon ends when it cannot save its state.' },
];
