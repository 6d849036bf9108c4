import type { CodeStep, SignInContext } from '../../sdk/plugin/sign-in.ts';

/** A code and a state, as the page shows them. Nothing else is typed into claude's terminal. */
const CODE = /^[!-"$-~]{1,1000}#[!-"$-~]{1,1000}$/;
const ADDRESS = /^https?:/i;

export const REFUSED =
  'Claude did not accept that code. It may be incomplete, too old, used already, or from an earlier address. ' +
  'Open the new address and paste the code from there.';
export const NEW_ADDRESS =
  'claude has ended and was started again. Open the new address and paste the code from there.';
const INCOMPLETE = 'That is not the whole code. Copy all of it, with the # in the middle.';
const NO_CODE =
  'That is a web address and not the code. Open the address, and paste the code that its last page shows.';

/** Resolves with a complete code. A phone may have put line breaks or spaces into it. */
export async function askCode(
  { url, problem }: CodeStep,
  { ask, conceal }: Pick<SignInContext, 'ask' | 'conceal'>,
): Promise<string> {
  for (let wrong = problem; ;) {
    const code = (await ask({ url, problem: wrong })).replaceAll(/\s+/g, '');
    const isAddress = ADDRESS.test(code);
    conceal(code);
    if (CODE.test(code) && !isAddress) return code;
    wrong = isAddress ? NO_CODE : INCOMPLETE;
  }
}
