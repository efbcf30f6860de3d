/** Enter that picks a word of an input method. Safari shows this only by the key code. */
export const isComposing = (event: KeyboardEvent): boolean =>
  event.isComposing || event.keyCode === 229;
