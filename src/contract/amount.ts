/** A number that may have a fraction. All other numbers are whole. */
export type Amount = number;
