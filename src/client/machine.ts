/** The next state, and the actions of the machine's owner, in this order. */
export interface Step<S, F> {
  readonly state: S;
  readonly effects: readonly F[];
}

/** The result of each event in each state. A pair without a rule does not compile. */
export type Rules<S extends { readonly at: string }, E extends { readonly type: string }, F> = {
  readonly [A in S['at']]: {
    readonly [T in E['type']]: (
      state: Extract<S, { readonly at: A }>,
      event: Extract<E, { readonly type: T }>,
    ) => Step<S, F>;
  };
};

export const stay = <S>(state: S): Step<S, never> => ({ state, effects: [] });

export const go = <S, F>(state: S, ...effects: readonly F[]): Step<S, F> => ({ state, effects });

/** A pure function: it reads no clock, and carries nothing out. */
export const createReducer =
  <S extends { readonly at: string }, E extends { readonly type: string }, F>(
    rules: Rules<S, E, F>,
  ) =>
  (state: S, event: E): Step<S, F> => {
    const row = rules[state.at as S['at']];
    const rule = row[event.type as E['type']] as (state: S, event: E) => Step<S, F>;
    return rule(state, event);
  };
