import { z } from 'zod';
import { defineNotifier, type NotifierPlugin } from '../../sdk/plugin/notifier.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import { digestOf } from '../../sdk/wording/digest.ts';
import type { Desktop } from './desktop.ts';
import { freedesktop } from './linux.ts';
import { macos } from './macos.ts';
import { windows } from './windows.ts';

const Options = z.strictObject({ id: z.string().default('notify-desktop') });

export type NotifyDesktopOptions = z.input<typeof Options>;

/** Shows notices on the user's desktop. */
export default function notifyDesktop(
  options: NotifyDesktopOptions = {},
  desktop: Desktop = desktopOf(process.platform),
): NotifierPlugin {
  const { id } = checkOptions(Options, options);
  return defineNotifier({
    id,
    place: 'on this desktop',
    unavailable: async context => desktop.unavailable?.(context),
    raise: (notice, context) => desktop.show(notice, context),
    raiseMany: (notices, context) => desktop.show(digestOf(notices), context),
    clear: async (notice, context, receipt) => desktop.withdraw?.(notice, context, receipt),
  });
}

function desktopOf(platform: NodeJS.Platform): Desktop {
  if (platform === 'darwin') return macos;
  return platform === 'win32' ? windows : freedesktop();
}
