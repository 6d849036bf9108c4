import type { PluginInfo } from '../../../sdk/contract/rpc.ts';
import type { Instant, Session } from '../../../sdk/contract/session.ts';
import { isOfKernel } from '../../../sdk/wording/attention.ts';
import { attentionOf, type Attention, type Overview } from '../../../sdk/wording/attention.ts';
import { sentence } from '../../../sdk/wording/sentence.ts';
import { describeNotice } from './sentences.ts';
import { adviceOn, appearanceOf } from './status.ts';
import type { Style, View } from './view.ts';
import { oneLine, wrap } from './width.ts';

/** One thing about some sessions, or about the daemon or a plugin. */
type Remark = {
  readonly symbol: string;
  readonly style?: Style | undefined;
  readonly ids: readonly string[];
  readonly text: string;
};

/** What needs the user, the worst first, and then what is good to know. */
export function renderRemarks(overview: Overview, view: View): readonly string[] {
  const { sessions, plugins } = overview;
  const attention = attentionOf(overview, view.now);
  const isListed = (id: string) => attention.some(item => item.kind === 'session' && item.id === id);
  const remarks = [
    ...attention.map(item => remarkOn(item, overview, view.now)),
    ...sessions
      .filter(({ id }) => !isListed(id))
      .flatMap(session => {
        const advice = adviceOn(session, view.now);
        return advice ? [{ ...appearanceOf(session, view.now), ids: [session.id], text: advice }] : [];
      }),
    ...plugins.filter(({ status }) => status === 'loading').map(loadingRemark),
  ];
  return grouped(remarks).map(remark => renderRemark(remark, view));
}

function remarkOn(item: Attention, { sessions, plugins, notices }: Overview, now: Instant): Remark {
  const { id, kind, level, title, action } = item;
  const look =
    level === 'error' ? ({ symbol: '✗', style: 'red' } as const) : ({ symbol: '▲', style: 'yellow' } as const);
  const plain = [title, action].flatMap(text => (text ? [sentence(text)] : [])).join(' ');
  if (kind === 'plugin')
    return {
      ...look,
      ids: [],
      text: pluginText(
        plugins.find(one => (one.id || one.module) === id),
        plain,
      ),
    };
  const notice = notices.find(one => one.title === title && (kind === 'daemon' ? isOfKernel(one) : one.session === id));
  const session = sessions.find(one => one.id === id);
  if (notice)
    return { ...look, ids: [id], text: describeNotice({ ...notice, title: withoutName(notice.title, session) }) };
  const advice = session && adviceOn(session, now);
  return session
    ? { ...appearanceOf(session, now), ids: [id], text: advice ?? plain }
    : { ...look, ids: [id], text: plain };
}

/** The title of a notice after the id of its session: its name there would say the same twice. */
function withoutName(title: string, session: Session | undefined): string {
  const name = session?.displayName ?? '';
  if (name === '' || !title.startsWith(name)) return title;
  const rest = title.slice(name.length);
  const [, words = ''] = /^: (.+)$/.exec(rest) ?? [];
  if (words) return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  return rest.startsWith(' ') ? `It${rest}` : title;
}

const pluginText = (plugin: PluginInfo | undefined, otherwise: string): string =>
  plugin
    ? `The plugin ${plugin.id || plugin.module} was not loaded: ${oneLine(plugin.error?.message ?? 'unknown cause')}`
    : otherwise;

const loadingRemark = ({ id, module }: PluginInfo): Remark => ({
  symbol: '▲',
  style: 'yellow',
  ids: [],
  text: `The plugin ${id || module} is still loading.`,
});

/** Remarks that differ only in the session are one, where the first of them is. */
function grouped(remarks: readonly Remark[]): readonly Remark[] {
  const groups = new Map<string, Remark>();
  for (const remark of remarks) {
    const general = generalised(remark);
    const key = `${remark.symbol} ${general}`;
    const known = groups.get(key);
    const isOne = !known || remark.ids.length === 0;
    groups.set(key, isOne ? remark : { ...known, ids: [...known.ids, ...remark.ids], text: general });
  }
  return [...groups.values()];
}

/** The text with `ID` for the session in its commands. */
const generalised = ({ ids: [id], text }: Remark): string =>
  id === undefined ? text : text.replaceAll(` ${id}\``, ' ID`');

const NAMED = 5;

function renderRemark({ symbol, style, ids, text }: Remark, { paint, width }: View): string {
  const named = ids.length > NAMED + 1 ? [...ids.slice(0, NAMED), `${ids.length - NAMED} more`] : ids;
  const who = named.length > 1 ? `${named.slice(0, -1).join(', ')} and ${named.at(-1)}` : named.join('');
  const line = wrap(`${symbol} ${who ? `${who}: ` : ''}${text}`, width, '  ');
  return line.replace(symbol, style ? paint(style, symbol) : symbol);
}
