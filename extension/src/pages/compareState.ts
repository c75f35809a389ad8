/** A run as the compare page shows it. Pure. */

import type { RunView } from '../runs/view.ts';
import { baseName } from './format.ts';
import type { ComparedRun } from './pageStates.ts';
import type { Point } from './series.ts';

const CURVES = ['loss', 'eval_loss', 'learning_rate', 'tokens_per_second'];

export function comparedRun(run: RunView, place: string): ComparedRun {
  const measured = run.passes.filter((pass) => pass.series['loss'] !== undefined).at(-1);
  const peaks = run.passes.map((pass) => pass.peakMemory ?? pass.metrics['memory_bytes'] ?? 0);
  const gpu = run.passes.map((pass) => pass.metrics['peak_gpu_memory_bytes'] ?? pass.metrics['gpu_memory_bytes'] ?? 0);
  const first = measured?.series['loss']?.[0]?.[1];
  const points = CURVES.flatMap((name): [string, readonly Point[]][] => {
    const known = measured?.series[name];
    return known === undefined ? [] : [[name, known.map(([step, value]): Point => [step, value])]];
  });
  return {
    id: run.id,
    name: baseName(run.config),
    place,
    state: run.state,
    started: run.started,
    seconds: run.started !== null && run.finished !== null ? (run.finished - run.started) / 1000 : null,
    passes: run.passes.map(({ name, type, state, seconds }) => ({ name, type, cached: state === 'cached', seconds })),
    metrics: {
      ...measured?.metrics,
      ...(first !== undefined && { first_loss: first }),
      ...(Math.max(0, ...peaks) > 0 && { peak_memory_bytes: Math.max(...peaks) }),
      ...(Math.max(0, ...gpu) > 0 && { peak_gpu_memory_bytes: Math.max(...gpu) }),
    },
    series: Object.fromEntries(points),
    artifacts: run.artifacts.map(({ kind, path, size_bytes }) => ({ kind, path, size: size_bytes })),
  };
}
