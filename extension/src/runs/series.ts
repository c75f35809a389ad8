// A curve of at most so many points: every n-th measurement, and always the newest.

export const MAX_POINTS = 2000;

/** [where, value, time in ms]; where: the optimiser step, of memory the seconds since the run began. */
export type Point = readonly [x: number, value: number, time: number];

export class ThinnedSeries {
  private kept: Point[] = [];
  /** Every so many measurements one is kept. */
  private stride = 1;
  /** Measurements since the last one that is kept for good: unless 0, the newest point gives way to the next. */
  private since = 0;

  get points(): readonly Point[] {
    return this.kept;
  }

  /** A measurement at or before an earlier one replaces what came after it: a resumed run repeats steps. */
  add(point: Point): void {
    let last = this.kept.at(-1);
    while (last !== undefined && last[0] >= point[0]) {
      this.kept.pop();
      this.since = 0;
      last = this.kept.at(-1);
    }
    if (this.since > 0) {
      this.kept[this.kept.length - 1] = point;
    } else {
      this.kept.push(point);
    }
    this.since = (this.since + 1) % this.stride;
    if (this.kept.length > MAX_POINTS) {
      // The newest has an even index here and stays; one before it that was kept for good goes.
      this.kept = this.kept.filter((_, index) => index % 2 === 0);
      this.since += this.since > 0 ? this.stride : 0;
      this.stride *= 2;
    }
  }
}
