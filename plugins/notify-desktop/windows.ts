import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { NoticeLevel } from '../../sdk/contract/session.ts';
import { textOf } from '../../sdk/recipes/notice/text.ts';
import type { Desktop } from './desktop.ts';

const ICONS: Readonly<Record<NoticeLevel, string>> = { info: 'Info', warning: 'Warning', error: 'Error' };
const LONGEST_TITLE = 63;
const LONGEST_TEXT = 255;

/** The balloon disappears with the process that shows it. */
const SCRIPT = [
  "$ErrorActionPreference = 'Stop'",
  'Add-Type -AssemblyName System.Windows.Forms, System.Drawing',
  '$notice = [Console]::In.ReadToEnd() | ConvertFrom-Json',
  '$tray = New-Object System.Windows.Forms.NotifyIcon',
  '$tray.Icon = [System.Drawing.SystemIcons]::Information',
  '$tray.Visible = $true',
  '$tray.ShowBalloonTip(8000, $notice.title, $notice.text, $notice.icon)',
  'Start-Sleep -Seconds 8',
  '$tray.Dispose()',
].join('; ');

/** A balloon in the notification area. It disappears by itself. */
export const windows: Desktop = {
  async show(notice, { exec, signal }) {
    const args = ['-NoProfile', '-NonInteractive', '-WindowStyle', 'Hidden', '-Command', SCRIPT];
    const data = {
      title: notice.title.slice(0, LONGEST_TITLE),
      text: (textOf(notice) || notice.title).slice(0, LONGEST_TEXT),
      icon: ICONS[notice.level],
    };
    const { exitCode } = await exec('powershell.exe', args, { input: asciiJson(data), timeoutMs: 14_000, signal });
    if (exitCode !== 0) throw new KeepaliveError('KA_PROGRAM_FAILED', { program: 'powershell.exe', exitCode });
  },
};

/** JSON in ASCII, because the code page of PowerShell's input is unknown. */
const asciiJson = (value: object): string =>
  JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
