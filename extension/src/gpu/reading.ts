/** What nvidia-smi says, as numbers. No `vscode` in here. */

export interface Gpu {
  readonly name: string;
  /** Bytes. */
  readonly used: number;
  readonly total: number;
  /** Percent; undefined where the card does not say. */
  readonly use: number | undefined;
}

export const QUERY = ['--query-gpu=name,memory.used,memory.total,utilization.gpu', '--format=csv,noheader,nounits'];

const MEBIBYTE = 2 ** 20;

/** One line a card: `NVIDIA H100, 1024, 81559, 37`. Lines that are none are passed over. */
export function gpusOf(text: string): Gpu[] {
  return text.split('\n').flatMap((line) => {
    const [name, used, total, use] = line.split(',').map((part) => part.trim());
    const memory = [Number(used), Number(total)] as const;
    if (!name || !used || !total || memory.some((one) => !Number.isFinite(one))) {
      return [];
    }
    const percent = Number(use);
    return [{
      name: name.replace(/^NVIDIA /, ''),
      used: memory[0] * MEBIBYTE,
      total: memory[1] * MEBIBYTE,
      use: use && Number.isFinite(percent) ? percent : undefined,
    }];
  });
}

/** Several cards of a kind are counted: `4× A100`. Memory of all, the use of the busiest. */
export function summary(gpus: readonly Gpu[]): Gpu | undefined {
  const first = gpus[0];
  if (!first) {
    return undefined;
  }
  const uses = gpus.flatMap(({ use }) => (use === undefined ? [] : [use]));
  return {
    name: gpus.length === 1 ? first.name : `${gpus.length}× ${first.name}`,
    used: gpus.reduce((sum, { used }) => sum + used, 0),
    total: gpus.reduce((sum, { total }) => sum + total, 0),
    use: uses.length ? Math.max(...uses) : undefined,
  };
}
