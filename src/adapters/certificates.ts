/** Node's codes for a certificate of an unknown authority. */
const UNKNOWN_AUTHORITY = /self-signed certificate|unable to (get|verify)/;

/** Adds the remedy to the message of a failed connection, if TLS is the reason. */
export const withRemedy = (message: string): string =>
  UNKNOWN_AUTHORITY.test(message)
    ? `${message}; name the file of its authority in NODE_EXTRA_CA_CERTS`
    : message;
