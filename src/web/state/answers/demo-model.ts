/** The id of the server's built-in demo model. Its answers are not real, and the page says so. */
export const DEMO_MODEL = 'parley-demo';
