import type { Memento } from 'vscode';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { KeepaliveClient } from '../../sdk/client/client.ts';
import { followFleet, type Elsewhere } from '../../sdk/client/follow-fleet.ts';
import { follow, requestOverview } from '../../sdk/client/follow.ts';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import type { Instant } from '../../sdk/contract/session.ts';
import { describeOurs } from '../../sdk/wording/error.ts';
import { announce } from './announce.ts';
import type { Attachment, AttachListener } from './attach.ts';
import type { Action, Kernel, StatusItem } from './model.ts';
import { nextChangeAt } from './next-change.ts';
import { openStatusBar } from './status-bar.ts';
import { statusItemOf, UNKNOWN_ITEM } from './status-item.ts';
import type { VsCode } from './vscode.ts';

/** What the extension needs from outside. Tests pass their own. */
export type FrontendDeps = {
  readonly vscode: VsCode;
  /** Shared by all windows. */
  readonly memory: Memento;
  /** The folder in the settings, if there is one. */
  readonly home: string | undefined;
  /** Whether a message appears when a login is needed. */
  readonly showsMessages: boolean;
  readonly attach: (listener: AttachListener) => Attachment;
  /** Opens a file in the browser of this machine. Resolves with false if that is not possible. */
  readonly browse: (file: string) => Promise<boolean>;
  readonly now: () => Instant;
};

/** What a window shows of the daemon. */
export type Presence = {
  /** Undefined until the first answer. */
  readonly kernel: () => Kernel | undefined;
  readonly client: () => KeepaliveClient | undefined;
  /** Looks for a daemon again. */
  readonly retry: () => void;
  readonly dispose: Cleanup;
};

/** Shows the daemon in the status bar, and what it needs in messages. */
export function showPresence(deps: FrontendDeps, menu: string, act: (action: Action) => void): Presence {
  const { vscode, now } = deps;
  const statusBar = openStatusBar(vscode, menu);
  const announcer = { ...deps, home: deps.home ?? '', act };
  let kernel: Kernel | undefined;
  let client: KeepaliveClient | undefined;
  let redraw: NodeJS.Timeout | undefined;

  function draw(): void {
    clearTimeout(redraw);
    if (!kernel) return;
    statusBar.show(itemOf(kernel, now()));
    if (kernel.is === 'absent') return;
    const { sessions, notices } = kernel.overview;
    redraw = setTimeout(draw, nextChangeAt(sessions, now()) - now() + 1).unref();
    if (deps.showsMessages) void announce(notices, announcer);
  }

  function show(next: Kernel): void {
    kernel = next;
    draw();
  }

  const attachment = deps.attach({
    onConnected(connected) {
      client = connected;
      followKernel(connected, now, show);
    },
    onAbsent(error) {
      client = undefined;
      show({ is: 'absent', reason: reasonOf(error, now()) });
    },
  });
  const focus = vscode.window.onDidChangeWindowState(({ focused }) => {
    if (!focused) return;
    attachment.retry();
    draw();
  });
  return {
    kernel: () => kernel,
    client: () => client,
    retry: attachment.retry,
    dispose() {
      clearTimeout(redraw);
      focus.dispose();
      void attachment.close();
      void statusBar.dispose();
    },
  };
}

type Present = Extract<Kernel, { readonly is: 'there' }>;

function followKernel(client: KeepaliveClient, now: () => Instant, show: (kernel: Present) => void): void {
  let last: Present | undefined;
  let elsewhere: Elsewhere | undefined;
  follow(
    client,
    () => requestOverview(client),
    overview => {
      last = overview && { is: 'there', overview };
      if (last) show({ ...last, elsewhere });
    },
  );
  followFleet(client, now, read => {
    elsewhere = read;
    if (last) show({ ...last, elsewhere });
  });
}

/** A daemon of a later version may have states that are unknown here. */
function itemOf(kernel: Kernel, now: Instant): StatusItem {
  try {
    return statusItemOf(kernel, now);
  } catch {
    return UNKNOWN_ITEM;
  }
}

/** Why no daemon answers; undefined if simply none runs. */
function reasonOf(error: unknown, now: Instant): string | undefined {
  if (!isKeepaliveError(error)) return undefined;
  const { code, details } = error;
  const isGone = code === 'KA_RPC_NO_DAEMON' && (details['reason'] === undefined || details['ended'] === true);
  return isGone ? undefined : describeOurs(error, now);
}
