import { printableLine } from '../../sdk/base/printable.ts';

const LONGEST = 200;

/** Foreign text for the history, without addresses, accounts, and what is long enough to be a secret. */
export const quote = (text: string): string =>
  printableLine(text)
    .replaceAll(/https?:\/\/\S+|\S+@\S+|\S{32,}/g, '…')
    .slice(0, LONGEST);
