export const updateEn = {
  reloading: 'Parley was updated. The page is loading again; what you typed is kept.',
  updated: 'Parley was updated. Reload the page when you have finished here.',
  reload: 'Reload',
  ready: 'A new version is ready.',
  later: 'Not now',
  needed: 'This page is older than the server. Reload it to go on; what you typed is kept.',
};

export type UpdateTexts = typeof updateEn;
