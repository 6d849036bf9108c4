import type { Choice, SessionFilter } from '../format/session-filter.ts';

type Props = {
  readonly filter: SessionFilter;
  readonly choices: readonly Choice[];
  readonly total: number;
  readonly shown: number;
  readonly change: (filter: SessionFilter) => void;
};

/** Finds sessions among many: by a text, and by a status. */
export function SessionFilters({ filter, choices, total, shown, change }: Props) {
  const chip = (name: string, status: string, count: number) => (
    <button
      key={status}
      type="button"
      class="chip"
      aria-pressed={filter.status === status}
      onClick={() => change({ ...filter, status })}
    >
      {name} <span class="count">{count}</span>
    </button>
  );
  return (
    <div class="session-filters">
      <input
        type="search"
        class="field"
        placeholder="Find a session"
        aria-label="Find a session by name, id or status"
        value={filter.text}
        onInput={({ currentTarget: { value } }) => change({ ...filter, text: value })}
      />
      <div class="chips" role="group" aria-label="Status">
        {chip('All', '', total)}
        {choices.map(({ name, count }) => chip(name, name, count))}
      </div>
      <p class="unseen" role="status">
        {shown} of {total} sessions
      </p>
    </div>
  );
}
