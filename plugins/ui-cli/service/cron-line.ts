import type { Facts } from './types.ts';

/**
 * A line of a crontab that starts the daemon with the machine, for systems without a service manager. Cron has a short
 * PATH, on which vendors' programs are not found.
 */
export function cronLine({ command, env }: Pick<Facts, 'command' | 'env'>): string {
  const path = env['PATH'] ? [`PATH=${quote(env['PATH'])}`] : [];
  const words = [...path, ...command.map(quote), '>/dev/null', '2>&1'];
  // In a crontab, % ends the command.
  return `@reboot ${words.join(' ').replaceAll('%', '\\%')}`;
}

/** A word for sh. */
const quote = (word: string): string => (/^[\w./:=@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
