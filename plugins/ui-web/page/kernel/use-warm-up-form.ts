import { useEffect, useState } from 'preact/hooks';
import type { WarmUp, WarmUpCost } from '../../../../sdk/contract/rpc.ts';
import {
  emptyDraft,
  fieldProblems,
  optionsOf,
  problemsIn,
  type FieldProblems,
  type WarmUpDraft,
} from '../format/warm-up-form.ts';
import type { Snapshot } from './model.ts';
import { useKernel, useRequest } from './use-kernel.ts';
import { readWarmUps } from './warm-ups.ts';

/** The form of a new warm-up: what is written, what it costs, and after a second press the warm-up. */
export function useWarmUpForm(snapshot: Snapshot, session: string, done: (added: WarmUp) => void) {
  const { request, update } = useKernel();
  const { busy, message, send, clear } = useRequest();
  const [draft, setDraft] = useState(() => emptyDraft(session));
  const [problems, setProblems] = useState<FieldProblems>({});
  const [cost, setCost] = useState<WarmUpCost>();
  // What the daemon refuses is shown at its fields, which are before the cost.
  useEffect(() => {
    const refused = fieldProblems(message?.problems ?? []);
    if (Object.keys(refused).length === 0) return;
    setProblems(refused);
    setCost(undefined);
  }, [message]);
  const refuse = (found: FieldProblems): boolean => {
    setProblems(found);
    return Object.keys(found).length > 0;
  };
  return {
    draft,
    problems,
    cost,
    busy,
    message: Object.keys(problems).length > 0 ? SEE_FIELDS : message,
    change(changed: Partial<WarmUpDraft>) {
      setDraft(before => ({ ...before, ...changed }));
      const left = Object.entries(problems).filter(([field]) => !Object.hasOwn(changed, field));
      setProblems(Object.fromEntries(left));
      clear();
    },
    back: () => setCost(undefined),
    /** Sends nothing to the vendor, and adds nothing. */
    async askCost() {
      if (refuse(problemsIn(draft))) return;
      const options = optionsOf(draft, idsIn(snapshot));
      const answer = await send(
        ask => ask('warmup/cost', { options }),
        () => '',
      );
      setCost(answer);
    },
    async switchOn() {
      const options = optionsOf(draft, idsIn(snapshot));
      const added = await send(
        ask => ask('warmup/add', { options }),
        () => '',
      );
      if (!added) return;
      update({ warmUps: await readWarmUps(request) });
      done(added);
    },
  };
}

const SEE_FIELDS = { text: 'See the marked fields.', failed: true };

const idsIn = ({ plugins, warmUps }: Snapshot): ReadonlySet<string> =>
  new Set([...plugins, ...(typeof warmUps === 'object' ? warmUps : [])].map(({ id }) => id));
