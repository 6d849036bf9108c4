import type { PluginInfo } from '../../../sdk/contract/rpc.ts';
import type { Instant, Notice, Session } from '../../../sdk/contract/session.ts';
import { failedName, type Attention, type Overview } from '../../../sdk/wording/attention.ts';
import { sentence } from '../../../sdk/wording/sentence.ts';
import { describeNotice } from './sentences.ts';
import { adviceOn, appearanceOf } from './status.ts';
import type { Style, View } from './view.ts';
import { oneLine, wrap } from './width.ts';

/** One thing about some sessions, or about the daemon or a plugin. */
export type Remark = {
  readonly symbol: string;
  readonly style?: Style | undefined;
  readonly ids: readonly string[];
  readonly text: string;
  /** The text with `ID` for the session in its commands. */
  readonly general: string;
};

/** What needs the user, or is good to know about a session. */
export function remarkOnSession(
  session: Session,
  item: Attention | undefined,
  notices: readonly Notice[],
  now: Instant,
): Remark | undefined {
  const { id } = session;
  const remark = (look: Look, text: string): Remark => {
    return { ...look, ids: [id], text, general: text.replaceAll(` ${id}\``, ' ID`') };
  };
  const notice = item && notices.find(({ title }) => title === item.title);
  if (notice) return remark(lookOf(item), describeNotice({ ...notice, title: withoutName(notice.title, session) }));
  const text = adviceOn(session, now) ?? (item && textOf(item));
  return text ? remark(appearanceOf(session, now), text) : undefined;
}

/** What needs the user and is about no session. */
export function remarkBeside(item: Attention, { plugins, notices }: Omit<Overview, 'sessions'>): Remark {
  const { id, kind, title } = item;
  const plugin =
    kind === 'plugin' ? plugins.find(one => one.status === 'failed' && failedName(one, plugins) === id) : undefined;
  const isNoticed = kind === 'daemon' || kind === 'warm-up';
  const notice = isNoticed ? notices.find(one => one.session === id && one.title === title) : undefined;
  const text = plugin ? pluginText(plugin) : notice ? describeNotice(notice) : textOf(item);
  return { ...lookOf(item), ids: kind === 'daemon' ? [id] : [], text, general: text };
}

export const remarksOnLoading = ({ plugins }: Pick<Overview, 'plugins'>): readonly Remark[] =>
  plugins.filter(({ status }) => status === 'loading').map(loadingRemark);

type Look = Pick<Remark, 'symbol' | 'style'>;

const lookOf = ({ level }: Attention): Look =>
  level === 'error' ? { symbol: '✗', style: 'red' } : { symbol: '▲', style: 'yellow' };

const textOf = ({ title, action }: Attention): string =>
  [title, action].flatMap(text => (text ? [sentence(text)] : [])).join(' ');

/** The title of a notice after the id of its session: its name there would say the same twice. */
function withoutName(title: string, { displayName: name }: Session): string {
  if (name === '' || !title.startsWith(name)) return title;
  const rest = title.slice(name.length);
  const [, words = ''] = /^: (.+)$/.exec(rest) ?? [];
  if (words) return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  return rest.startsWith(' ') ? `It${rest}` : title;
}

const pluginText = ({ module, error }: PluginInfo): string =>
  `The plugin ${module} was not loaded: ${oneLine(error?.message ?? 'unknown cause')}`;

function loadingRemark({ id, module }: PluginInfo): Remark {
  const text = `The plugin ${id || module} is still loading.`;
  return { symbol: '▲', style: 'yellow', ids: [], text, general: text };
}

/** Remarks that differ only in the session are one, where the first of them is. */
export function grouped(remarks: readonly Remark[]): readonly Remark[] {
  const groups = new Map<string, { readonly first: Remark; readonly ids: string[] }>();
  for (const remark of remarks) {
    const key = `${remark.symbol} ${remark.general}`;
    const known = groups.get(key);
    if (known) known.ids.push(...remark.ids);
    else groups.set(key, { first: remark, ids: [...remark.ids] });
  }
  return Array.from(groups.values(), ({ first, ids }) =>
    ids.length > 1 ? { ...first, ids, text: first.general } : first,
  );
}

export const renderRemarks = (remarks: readonly Remark[], view: View): readonly string[] =>
  remarks.map(remark => renderRemark(remark, view));

const NAMED = 5;

function renderRemark({ symbol, style, ids, text }: Remark, { paint, width }: View): string {
  const named = ids.length > NAMED + 1 ? [...ids.slice(0, NAMED), `${ids.length - NAMED} more`] : ids;
  const who = named.length > 1 ? `${named.slice(0, -1).join(', ')} and ${named.at(-1)}` : named.join('');
  const line = wrap(`${symbol} ${who ? `${who}: ` : ''}${text}`, width, '  ');
  return line.replace(symbol, style ? paint(style, symbol) : symbol);
}
