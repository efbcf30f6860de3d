/** What Node says of a certificate whose authority it does not know. */
const UNKNOWN_AUTHORITY = /self-signed certificate|unable to (get|verify)/;

/** Adds to a message of a failed connection what an operator can do about it, where TLS is the reason. */
export const withRemedy = (message: string): string =>
  UNKNOWN_AUTHORITY.test(message)
    ? `${message}; name the file of its authority in NODE_EXTRA_CA_CERTS`
    : message;
