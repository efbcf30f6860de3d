/** Commands by name; each gets what its parent sent with it. */
type Commands = Record<string, (payload: never) => unknown>;

/** Runs what the parent process orders, one after another, and answers each. */
export function serveCommands(commands: Commands): void {
  process.on('message', async ({ name, payload }: { name: string; payload: never }) => {
    try {
      const data = await commands[name]?.(payload);
      process.send?.({ data });
    } catch (error) {
      process.send?.({ error: String(error) });
    }
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ ready: true });
}
