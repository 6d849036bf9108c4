import { interface as service } from '@jellybrick/dbus-next';

/** An object's interface on the bus, its members named with `configureMembers`. */
export class Exported extends service.Interface {
  constructor(name: string) {
    super(name);
    // The library keeps the members on the prototype, and hides them there behind empty fields of its own.
    delete this.$properties;
    delete this.$methods;
    delete this.$signals;
  }
}
