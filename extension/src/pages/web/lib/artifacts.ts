/** What a run made, with what can be done with it. */

import { h, keyed, part, text } from './dom.ts';
import { iconButton } from './buttons.ts';
import { icon } from './icons.ts';
import { format, send, t } from './page.ts';
import type { ShownArtifact } from '../../runState.ts';

export function artifactList(): HTMLUListElement {
  return h('ul.artifacts');
}

export function updateArtifacts(list: HTMLElement, artifacts: readonly ShownArtifact[]): void {
  keyed(list, artifacts, (artifact) => artifact.path, createRow, (row, artifact) => {
    text(part(row, '.artifact-size'), artifact.size === null ? '' : format.bytes(artifact.size));
  });
}

export function artifactName(kind: string): string {
  const names: Record<string, string> = { model: t('kindModel'), adapter: t('kindAdapter'), summary: t('kindSummary') };
  return names[kind] ?? kind;
}

function createRow({ kind, path }: ShownArtifact): HTMLElement {
  const name = artifactName(kind);
  const act = (action: string) => () => { send({ type: 'do', action, path }); };
  return h('li.artifact', {},
    icon(kind === 'model' ? 'box' : kind === 'adapter' ? 'layers' : 'file'),
    h('div.artifact-body', {},
      h('div.artifact-head', {}, h('b', {}, name), h('span.artifact-size'),
        h('div.artifact-actions', {},
          kind === 'model' && iconButton(t('tryModel'), 'chat', act('try')),
          iconButton(t('copyPathOf', name), 'copy', act('copyPath')),
          kind === 'summary'
            ? iconButton(t('openFile'), 'file', act('open'))
            : iconButton(t('openFolderOf', name), 'folder', act('open')))),
      h('code.path', {}, path)));
}
