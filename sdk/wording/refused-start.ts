/** The message in the log by which a refused start of the service is found again. */
export const REFUSED_START = 'the daemon did not start';
