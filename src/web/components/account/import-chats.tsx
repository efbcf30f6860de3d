import { useRef } from 'preact/hooks';
import { ParleyError } from '../../../client/index.js';
import type { ImportReport } from '../../../contract/imports.js';
import { useApp, useChat } from '../../state/app.js';
import { FormProblem } from '../controls/form-problem.js';
import { useFailure } from '../hooks/use-failure.js';
import { AccountSection } from './account-section.js';

export const ImportChats = () => {
  const { preferences } = useApp();
  const { imports } = useChat();
  const texts = preferences.texts.value.imports;
  const report = imports.report.value;
  const isBusy = imports.sending.value || report?.status === 'running';
  const failure = useFailure(useExplain());
  const send = (file: File) => {
    failure.clear();
    void imports.send(file).catch(failure.set);
  };
  return (
    <AccountSection
      title={texts.title}
      hint={texts.hint}
      action={<FileButton label={texts.choose} disabled={isBusy} onFile={send} />}
    >
      <FormProblem text={failure.text ?? failureOf(report, texts)} />
      <div class="import-state" role="status">
        <State />
      </div>
      {report !== null && report.status !== 'running' && <Details report={report} />}
    </AccountSection>
  );
};

type Texts = ReturnType<typeof useApp>['preferences']['texts']['value']['imports'];

function failureOf(report: ImportReport | null, texts: Texts): string | null {
  if (report?.status !== 'failed') return null;
  return texts.failures[report.error?.code ?? ''] ?? texts.failed;
}

/** Refusals have reasons here that they have nowhere else. */
function useExplain() {
  const { preferences, explain } = useApp();
  const { tooLarge, busy } = preferences.texts.value.imports;
  return (reason: unknown): string => {
    const code = reason instanceof ParleyError ? reason.code : '';
    if (code === 'payload_too_large') return tooLarge;
    return code === 'rate_limited' ? busy : explain(reason);
  };
}

interface FileButtonProps {
  label: string;
  disabled: boolean;
  onFile(file: File): void;
}

const FileButton = ({ label, disabled, onFile }: FileButtonProps) => {
  const ref = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        class="plain-button"
        disabled={disabled}
        onClick={() => ref.current?.click()}
      >
        {label}
      </button>
      <input
        ref={ref}
        type="file"
        class="import-file"
        accept=".zip,.json,application/zip,application/json"
        aria-label={label}
        tabIndex={-1}
        hidden
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          // The same file can be chosen again.
          if (file) onFile(file);
          currentTarget.value = '';
        }}
      />
    </>
  );
};

const State = () => {
  const { preferences } = useApp();
  const { imports } = useChat();
  const texts = preferences.texts.value.imports;
  const report = imports.report.value;
  if (imports.sending.value) return <Working text={texts.sending} />;
  if (report?.status === 'running') return <Working text={texts.running(report.found)} />;
  if (report === null) return null;
  const { found, imported, duplicates } = report;
  const leftOut = found - imported - duplicates;
  const said = [
    texts.imported(imported),
    ...(duplicates > 0 ? [texts.duplicates(duplicates)] : []),
    ...(leftOut > 0 ? [texts.leftOut(leftOut)] : []),
  ];
  return <p>{said.join(preferences.texts.value.gap)}</p>;
};

const Working = ({ text }: { text: string }) => (
  <>
    <progress class="import-bar" aria-label={text} />
    <p>{text}</p>
  </>
);

const Details = ({ report }: { report: ImportReport }) => {
  const texts = useApp().preferences.texts.value.imports;
  const lines = [
    ...report.skipped.map(({ title, reason }) => ({ title, said: texts.skipped[reason] })),
    ...report.notes.map(({ title, reason }) => ({ title, said: texts.notes[reason] })),
  ];
  if (lines.length === 0) return null;
  return (
    <details class="import-details">
      <summary>{texts.details}</summary>
      <ul>
        {lines.map(({ title, said }, place) => (
          <li key={place}>{texts.reason(title || texts.untitled, said)}</li>
        ))}
      </ul>
    </details>
  );
};
