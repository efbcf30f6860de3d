/** Remembers nothing without storage, and everything works. */
export const remember = (key: string, value: string): void => {
  try {
    localStorage.setItem(key, value);
  } catch {
    // The choice holds until the page is left.
  }
};
