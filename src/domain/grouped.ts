/**
 * Takes single items and passes them to `work` in groups: items that arrive while a group is under way form the next
 * one. Each call settles with its group.
 */
export function createGrouped<T>(
  work: (items: readonly T[]) => Promise<void>,
  most: number,
): (item: T) => Promise<void> {
  const waiting: Waiting<T>[] = [];
  let running = false;

  const run = async () => {
    const group = waiting.splice(0, most);
    await work(group.map(({ item }) => item)).then(
      () => group.forEach(({ resolve }) => void resolve()),
      (error: unknown) => group.forEach(({ reject }) => void reject(error)),
    );
  };
  const runAll = async () => {
    if (running) return;
    running = true;
    while (waiting.length > 0) await run();
    running = false;
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      void runAll();
    });
}

/**
 * The same for lookups by key. A group is one lookup, which begins after each of its calls. Null: nothing was found.
 */
export function createGroupedLookup<K, V>(
  find: (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>,
  most: number,
): (key: K) => Promise<V | null> {
  const ask = createGrouped<Question<K, V>>(async (questions) => {
    const found = await find([...new Set(questions.map(({ key }) => key))]);
    for (const question of questions) question.answer = found.get(question.key) ?? null;
  }, most);

  return async (key) => {
    const question: Question<K, V> = { key, answer: null };
    await ask(question);
    return question.answer;
  };
}

interface Question<K, V> {
  key: K;
  answer: V | null;
}

interface Waiting<T> {
  item: T;
  resolve: () => void;
  reject: (error: unknown) => void;
}
