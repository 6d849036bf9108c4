import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { SignInTalk } from '../../runtime/context.ts';
import type { Dialog } from './dialog.ts';
import { codeState, openState, type StepRules } from './steps.ts';

type Options = StepRules & {
  readonly device: boolean;
  readonly dialog: Dialog;
  /** Aborted when the sign-in is over. */
  readonly signal: AbortSignal;
};

/** How a plugin talks to the user: what it shows is checked first. */
export function talkOf({ device, dialog, signal, ...rules }: Options): SignInTalk {
  /** A plugin may ignore its signal, or go on after `run` has resolved. */
  const checkRunning = () => {
    signal.throwIfAborted();
    if (!['starting', 'open', 'code'].includes(dialog.state.name)) throw new KeepaliveError('KA_LOGIN_NOT_FOUND');
  };
  return {
    device,
    show: async step => {
      checkRunning();
      dialog.show(openState(step, rules));
    },
    ask: async step => {
      checkRunning();
      return dialog.ask(codeState(step, rules), signal);
    },
  };
}
