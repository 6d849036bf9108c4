import { interface as dbus } from '@jellybrick/dbus-next';

/** An object's interface on the bus. Its members are declared with `configureMembers`. */
export class Exported extends dbus.Interface {
  constructor(name: string) {
    super(name);
    // The library declares the members on the prototype, but hides them behind its own empty fields.
    delete this.$properties;
    delete this.$methods;
    delete this.$signals;
  }
}

/** Declares a read-only property by its D-Bus signature. */
export const readOnly = (signature: string) => ({ signature, access: 'read' }) as const;
