/** Remembers nothing without storage, and everything works. */
export const remember = (key: string, value: string): void => {
  try {
    localStorage.setItem(key, value);
  } catch {
    // It holds until the page is left.
  }
};
