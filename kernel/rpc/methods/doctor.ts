import type {
  Finding,
  Handlers,
  KernelInfo,
  NotifierInfo,
  OpenedPage,
  PluginInfo,
  RpcHandlers,
} from '../../../sdk/contract/rpc.ts';
import type { Notice, NoticeCode } from '../../../sdk/contract/session.ts';
import { isOfKernel } from '../../../sdk/wording/attention.ts';
import { versionSkewOf } from '../../../sdk/wording/version-skew.ts';
import type { Scrubber } from '../../../runtime/log/redact.ts';
import { joined } from '../../../sdk/base/in-turn.ts';
import type { Doctor } from '../../diagnostics/doctor.ts';
import { checkFleet } from '../../diagnostics/fleet-checks.ts';
import { makeBundle, type BundleSources } from '../../diagnostics/support-bundle.ts';
import { checkTools } from '../../diagnostics/tool-checks.ts';
import type { Notices } from '../../notices/notices.ts';
import { nameOf } from '../../plugins/loader.ts';
import type { Plugins } from '../../plugins/plugins.ts';
import type { Tools } from '../../tools/tools.ts';
import type { ConfigHolder, KernelOptions } from '../../wiring/tokens.ts';
import type { KernelControl } from './kernel.ts';

type Deps = {
  readonly doctor: Doctor;
  readonly plugins: Plugins;
  readonly tools: Tools;
  readonly notices: Notices;
  readonly options: KernelOptions;
  readonly config: ConfigHolder;
  readonly scrubber: Scrubber;
  readonly control: KernelControl;
};

type Sources = Omit<BundleSources, 'doctor/run'> & Pick<RpcHandlers, 'notifier/list' | 'fleet/list'>;

/** `sources` answer the other methods, whose results a bundle contains. */
export function doctorHandlers(deps: Deps, sources: Sources): Handlers<'doctor'> {
  const { doctor, plugins, tools, notices, options, config, scrubber, control } = deps;
  // Both look at every program and every file, so clients that ask at the same time share one run.
  const run = joined(async () => {
    const ofApi = apiFindings(control.openedPages(), notices.list());
    const ofVersion = versionFindings(await sources['kernel/info'](undefined));
    const ofTools = checkTools(await tools.list());
    const ofNotifiers = notifierFindings(await sources['notifier/list'](undefined), {
      plugins: plugins.infos,
      named: config.current.plugins.map(nameOf),
    });
    const ofAdded = plugins.overridden.map(overridden);
    const ofFleet = await checkFleet({
      list: config.current.fleet && (() => sources['fleet/list'](undefined)),
      notices: notices.list(),
      now: Date.now(),
    });
    return doctor.run(plugins.infos, [...ofVersion, ...ofApi, ...ofFleet, ...ofNotifiers, ...ofAdded, ...ofTools]);
  });
  const bundle = joined(() => makeBundle({ ...sources, 'doctor/run': run }, options, config.current, scrubber));
  return { 'doctor/run': run, 'doctor/bundle': bundle };
}

function versionFindings(info: KernelInfo): readonly Finding[] {
  const skew = versionSkewOf(info);
  return skew ? [{ level: 'warning', subject: 'version', ...skew }] : [];
}
/** An added session that is not kept. */
const overridden = (id: string): Finding => ({
  level: 'warning',
  subject: id,
  message: 'was added with `keepalive add`, but the configuration has a plugin with this id, so that one is used',
  action: `keepalive remove ${id}`,
});

type Configured = { readonly plugins: readonly PluginInfo[]; readonly named: readonly string[] };

/** What the configuration names has to work. The desktop is there without it, and may be absent. */
const notifierFindings = (notifiers: readonly NotifierInfo[], { plugins, named }: Configured): readonly Finding[] =>
  notifiers
    .filter(({ id, status }) => status === 'unavailable' && named.includes(moduleOf(id, plugins)))
    .map(({ id, reason = 'It cannot work.' }) => ({
      level: 'warning',
      subject: id,
      message: `delivers no notices: ${reason.replace(/\.$/, '')}`,
    }));

const moduleOf = (id: string, plugins: readonly PluginInfo[]): string =>
  plugins.find(plugin => plugin.kind === 'notifier' && plugin.id === id)?.module ?? '';

/** Checks of the configuration and of the fleet find the causes of these notices. */
const CHECKED: readonly NoticeCode[] = ['config-refused', 'fleet-unreachable'];

/** Doctor's findings about the API itself, and about warm-ups that are paused. */
function apiFindings(pages: readonly OpenedPage[], notices: readonly Notice[]): readonly Finding[] {
  const ofApi = notices.filter(
    notice => notice.code === 'warmup-paused' || (isOfKernel(notice) && !CHECKED.includes(notice.code)),
  );
  const ofNotices = ofApi.map(({ code, session, title, body, action }): Finding => ({
    level: 'warning',
    subject: code === 'warmup-paused' ? session : 'api',
    message: `${title}. ${body}`,
    action,
  }));
  if (pages.length === 0) return ofNotices;
  const message = `${pages.length === 1 ? '1 settings page is' : `${pages.length} settings pages are`} open`;
  return [{ level: 'info', subject: 'page', message, action: 'keepalive ui --close' }, ...ofNotices];
}
