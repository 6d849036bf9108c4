import { inject, Lifecycle, scoped } from 'tsyringe';
import { Notices } from '../notices/notices.ts';
import { Sessions } from '../session/sessions.ts';
import { Events } from '../wiring/tokens.ts';
import { FleetGuard } from '../lease/guard.ts';

/** What a fleet shows of this machine, and what changes here by what it shows of others. */
@scoped(Lifecycle.ContainerScoped)
export class ThisMachine {
  constructor(
    @inject(FleetGuard) readonly guard: FleetGuard,
    @inject(Sessions) readonly sessions: Sessions,
    @inject(Notices) readonly notices: Notices,
    @inject(Events) readonly events: Events,
  ) {}
}
