export const updateEn = {
  reloading: 'Parley was updated. The page is loading again; what you typed is kept.',
  updated: 'Parley was updated. Reload the page when you have finished here.',
  reload: 'Reload',
};

export type UpdateTexts = typeof updateEn;
