import type { Command } from '../../context/command.ts';
import { renderHistory } from '../../render/attempts.ts';
import { renderPlan } from '../../render/plan.ts';
import { wrap } from '../../render/width.ts';

export const plan: Command = async ({ options, daemon, kernel, now }) => {
  const running = await daemon().catch(() => undefined);
  const client = running ?? (await kernel({ looksOnly: true }));
  const until = now() + options.for;
  const [attempts, sessions] = await Promise.all([
    client.request('session/plan', { until }),
    client.request('session/list'),
  ]);
  return {
    document: attempts,
    text: view => renderPlan({ attempts, sessions, until, isRunning: running !== undefined }, view),
  };
};

export const explain: Command = async ({ args: [id = ''], kernel }) => {
  const client = await kernel();
  const explanation = await client.request('session/explain', { id });
  const text = client.origin === undefined ? `Keepalive is not running. ${explanation.text}` : explanation.text;
  return {
    document: explanation,
    text: ({ width }) =>
      text
        .split('\n')
        .map(line => wrap(line, width))
        .join('\n'),
  };
};

export const history: Command = async ({ args: [id], options: { limit }, kernel }) => {
  const attempts = await (await kernel()).request('session/history', { limit, ...(id === undefined ? {} : { id }) });
  const more = attempts.length < limit ? [] : ['', `These are the last ${limit}. \`--limit ${limit * 5}\` shows more.`];
  return { document: attempts, text: view => [renderHistory(attempts, view), ...more].join('\n') };
};
