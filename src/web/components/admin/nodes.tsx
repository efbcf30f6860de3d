import { useSignal } from '@preact/signals';
import { useCallback, useEffect } from 'preact/hooks';
import type { GatewayNode } from '../../../contract/admin.js';
import { grouped, relativeTime } from '../../i18n/formats.js';
import { useApp, useChat } from '../../state/app.js';
import { Outcome } from '../account/outcome.js';
import { ConfirmDialog } from '../controls/dialog.js';
import { FormProblem } from '../controls/form-problem.js';
import { AdminSection, useAdmin, useOutcome } from './admin-context.js';
import { Queue } from './queue.js';
import { useLive } from './use-live.js';

/** As often as heartbeats come. */
const LOOK_EVERY_MS = 5_000;

/** Nodes with their answers, and the queue. They are read again while they are in sight. */
export const Nodes = () => {
  const { admin, texts } = useAdmin();
  const { done, error, act } = useOutcome();
  useEffect(() => void act(admin.loadNodes), [admin]);
  const look = useCallback(() => {
    // A reader who may not see them does not ask again and again.
    if (admin.nodes.peek() !== null) void admin.loadNodes().catch(() => {});
  }, [admin]);
  useLive(look, LOOK_EVERY_MS);
  const nodes = admin.nodes.value;
  return (
    <>
      <AdminSection title={texts.nodesTitle} hint={texts.nodesHint}>
        <FormProblem text={error} />
        <Outcome text={done} />
        {nodes !== null && (
          <ul class="admin-list">
            {nodes.map((node) => (
              <NodeRow
                key={node.id}
                node={node}
                onDrain={() =>
                  act(
                    () => admin.drain(node.id),
                    (texts) => texts.willDrain(node.hostname),
                  )
                }
              />
            ))}
          </ul>
        )}
      </AdminSection>
      {admin.queue.value !== null && <Queue report={admin.queue.value} />}
    </>
  );
};

interface RowProps {
  node: GatewayNode;
  onDrain(): Promise<unknown>;
}

const NodeRow = ({ node, onDrain }: RowProps) => {
  const { preferences } = useApp();
  const { texts } = useAdmin();
  const { client } = useChat();
  const asking = useSignal(false);
  const language = preferences.language.value;
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
          <span>{texts.nodes.load(grouped(running, language))}</span>
          <span>{version}</span>
          <span>{texts.nodes.started(relativeTime(node.started_at, language))}</span>
          {!alive && <span>{texts.nodes.beat(relativeTime(node.beat_at, language))}</span>}
        </p>
        <p class="admin-detail admin-code">
          <bdi>{id}</bdi>
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
