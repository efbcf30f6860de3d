/** Commands by name. Each gets the payload that its parent sent. */
type Commands = Record<string, (payload: never) => unknown>;

/** Runs the commands of the parent process one after another, and replies to each. */
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
