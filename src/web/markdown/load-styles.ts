/** The document names the file. The page can be read without it, too. */
export function loadStyles(name: 'formulaStyles' | 'adminStyles'): Promise<void> {
  const href = document.getElementById('app')?.dataset[name];
  if (href === undefined || document.querySelector(`link[href="${href}"]`))
    return Promise.resolve();
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = href;
  return new Promise((resolve) => {
    link.addEventListener('load', () => resolve());
    link.addEventListener('error', () => resolve());
    document.head.append(link);
  });
}
