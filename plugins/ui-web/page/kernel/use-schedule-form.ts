import { useEffect, useRef, useState } from 'preact/hooks';
import type { Session } from '../../../../sdk/contract/session.ts';
import { allDraftsOf, draftsOf, sameSchedule, scheduleOf, type Drafts, type Mode } from '../format/schedule-form.ts';
import { useRequest } from './use-kernel.ts';

type InputEvent = { readonly currentTarget: HTMLInputElement };

/** The fields of every mode of a schedule, and what the user does with them. */
export function useScheduleForm(session: Session) {
  const { schedule } = session.policy;
  const { busy, message, save, clear } = useScheduleRequest(session);
  const [drafts, setDrafts] = useState(() => allDraftsOf(schedule));
  const [mode, setMode] = useState<Mode>(schedule.mode);
  const [problem, setProblem] = useState<string>();
  const typing = useRef<keyof Drafts | undefined>(undefined);
  const write = (changed: Partial<Drafts>) => setDrafts(before => ({ ...before, ...changed }));
  // The schedule may be changed elsewhere. The form follows it, except for the field that the user is typing in.
  useEffect(() => {
    const kept = typing.current;
    setDrafts(before => ({ ...before, ...draftsOf(schedule), ...(kept && { [kept]: before[kept] }) }));
    setMode(schedule.mode);
    setProblem(undefined);
  }, [JSON.stringify(schedule)]);

  const commit = (chosen: Mode, changed: Partial<Drafts> = {}) => {
    setMode(chosen);
    write(changed);
    const described = scheduleOf(chosen, { ...drafts, ...changed });
    setProblem(typeof described === 'string' ? described : undefined);
    if (typeof described !== 'string') save(described);
  };
  const revert = (member: keyof Drafts) => {
    typing.current = undefined;
    write({ [member]: allDraftsOf(schedule)[member] });
    setProblem(undefined);
    clear();
  };
  const field = (of: Mode, member: keyof Drafts) => ({
    class: `field field-${member}`,
    value: drafts[member],
    'aria-invalid': mode === of && (problem !== undefined || message?.failed === true),
    onInput: ({ currentTarget: { value } }: InputEvent) => {
      typing.current = member;
      write({ [member]: value });
    },
    // A browser may report both at once, before the draft is rendered.
    onChange: ({ currentTarget: { value } }: InputEvent) => {
      if (typing.current !== member) return;
      typing.current = undefined;
      commit(of, { [member]: value });
    },
    onKeyDown: ({ key }: KeyboardEvent) => void (key === 'Escape' && revert(member)),
    onBlur: () => void (typing.current = undefined),
  });
  const shown = problem === undefined ? message : { text: problem, failed: true };
  return { busy, mode, drafts, message: shown, commit, field };
}

/** Saves a schedule. The message about that disappears when the schedule is changed elsewhere. */
function useScheduleRequest({ id, policy: { schedule } }: Session) {
  const { send, clear, ...rest } = useRequest();
  const isOwn = useRef(false);
  useEffect(() => {
    if (!isOwn.current) clear();
  }, [JSON.stringify(schedule)]);
  const save = (next: typeof schedule) => {
    if (sameSchedule(next, schedule)) return;
    isOwn.current = true;
    void send(
      request => request('session/configure', { id, policy: { schedule: next } }),
      () => 'Saved.',
    ).then(() => (isOwn.current = false));
  };
  return { ...rest, save, clear };
}
