/** The id of the model that is built into the server: its answers are no real ones, and the page says so. */
export const DEMO_MODEL = 'parley-demo';
