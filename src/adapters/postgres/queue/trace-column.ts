const MS_SINCE = (time: string) =>
  `(extract(epoch FROM clock_timestamp() - ${time}) * 1000)::float8`;

/** The state of a row before its claim, as expressions. */
interface Before {
  trace: string;
  since: string;
  /** Whether another claim held it. */
  isLost: string;
  node: string;
  attempt: string;
  lease: string;
}

/** A `ClaimTrace`; null without a trace. */
export const traceOf = ({ trace, since, isLost, node, attempt, lease }: Before): string => `
  CASE WHEN ${trace} IS NOT NULL THEN jsonb_build_object('parent', ${trace}, 'sinceMs', ${MS_SINCE(since)},
    'lost', CASE WHEN ${isLost} THEN jsonb_build_object('nodeId', ${node}, 'attempt', ${attempt},
      'expiredMs', ${MS_SINCE(lease)}) END) END AS trace`;
