import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { GatewayNode } from '../../../contract/admin.js';
import { useChat } from '../../state/app.js';
import { Outcome } from '../account/outcome.js';
import { ConfirmDialog } from '../dialog.js';
import { FormProblem } from '../form-problem.js';
import { AdminSection, useAdmin, useOutcome } from './admin-context.js';

/** Heartbeats come as often. */
const LOOK_EVERY_MS = 5_000;

/** Nodes with what they write, and what waits. It looks again while it is shown, unless that is forbidden. */
export const Nodes = () => {
  const { admin, texts } = useAdmin();
  const { done, error, act } = useOutcome();
  useEffect(() => {
    let timer: ReturnType<typeof setInterval> | undefined;
    let isShown = true;
    const look = () => {
      if (!document.hidden) void admin.loadNodes().catch(() => {});
    };
    void act(async () => {
      await admin.loadNodes();
      if (isShown) timer = setInterval(look, LOOK_EVERY_MS);
    });
    return () => {
      isShown = false;
      clearInterval(timer);
    };
  }, [admin]);
  const nodes = admin.nodes.value;
  const queue = admin.queue.value;
  return (
    <AdminSection title={texts.nodes} hint={texts.nodesHint}>
      <FormProblem text={error.value} />
      {queue !== null && (
        <p class="admin-detail">
          {texts.queue(queue.running, queue.waiting, Math.round(queue.oldest_ms / 1000))}
        </p>
      )}
      <Outcome text={done.value} />
      <ul class="admin-list">
        {nodes?.map((node) => (
          <NodeRow
            key={node.id}
            node={node}
            onDrain={() => act(() => admin.drain(node.id), texts.willDrain(node.hostname))}
          />
        ))}
      </ul>
    </AdminSection>
  );
};

interface RowProps {
  node: GatewayNode;
  onDrain(): Promise<unknown>;
}

const NodeRow = ({ node, onDrain }: RowProps) => {
  const { texts } = useAdmin();
  const { client } = useChat();
  const asking = useSignal(false);
  const { id, hostname, version, alive, draining, hears, running } = node;
  const state = !alive ? 'silent' : draining ? 'draining' : hears ? 'serving' : 'deaf';
  const isOwn = client.hello()?.node_id === id;
  return (
    <li class="admin-row">
      <div class="admin-who">
        <p class="admin-name">
          <bdi>{hostname}</bdi>
          {isOwn && <span class="device-badge">{texts.thisNode}</span>}
          {state !== 'serving' && <span class="admin-badge">{texts.nodeState[state]}</span>}
        </p>
        <p class="admin-detail">
          <bdi>{id}</bdi>
          <span>{version}</span>
          <span>{texts.running(running)}</span>
        </p>
      </div>
      {alive && !draining && (
        <button
          type="button"
          class="quiet-button"
          aria-label={texts.drainOf(id)}
          onClick={() => {
            asking.value = true;
          }}
        >
          {texts.drain}
        </button>
      )}
      {asking.value && (
        <ConfirmDialog
          title={texts.drainTitle(hostname)}
          body={texts.drainBody}
          confirm={texts.drain}
          onConfirm={() => void onDrain()}
          onClose={() => {
            asking.value = false;
          }}
        />
      )}
    </li>
  );
};
