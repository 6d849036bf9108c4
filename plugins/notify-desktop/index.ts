import { z } from 'zod';
import { defineNotifier, type NotifierPlugin } from '../../sdk/plugin/notifier.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import type { Desktop } from './desktop.ts';
import { freedesktop } from './linux.ts';
import { macos } from './macos.ts';
import { windows } from './windows.ts';

const Options = z.strictObject({ id: z.string().default('notify-desktop') });

export type NotifyDesktopOptions = z.input<typeof Options>;

/** Shows notices where the user's desktop shows them. */
export default function notifyDesktop(
  options: NotifyDesktopOptions = {},
  desktop: Desktop = desktopOf(process.platform),
): NotifierPlugin {
  const { id } = checkOptions(Options, options);
  let isTold = false;

  return defineNotifier({
    id,
    /** A machine without a desktop is no trouble; it is told once. */
    async raise(notice, context) {
      try {
        await desktop.show(notice, context);
        isTold = false;
      } catch (error) {
        if (!isTold)
          context.log.warn(
            { err: error },
            'notices cannot be shown on this desktop; `keepalive status` shows what they are about',
          );
        isTold = true;
      }
    },
    clear: async (notice, context) => desktop.withdraw?.(notice, context),
  });
}

function desktopOf(platform: NodeJS.Platform): Desktop {
  if (platform === 'darwin') return macos;
  return platform === 'win32' ? windows : freedesktop();
}
