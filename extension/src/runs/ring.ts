/** The last so many of what was added, oldest first. */
export class Ring<T> {
  private items: T[] = [];
  /** Where the oldest item stands in `items`. */
  private first = 0;
  private added = 0;

  readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** How many were ever added: those before `total - length` are gone. */
  get total(): number {
    return this.added;
  }

  get length(): number {
    return this.items.length;
  }

  push(item: T): void {
    if (this.items.length < this.capacity) {
      this.items.push(item);
    } else {
      this.items[this.first] = item;
      this.first = (this.first + 1) % this.capacity;
    }
    this.added++;
  }

  /** The items that were added after the first `count`, as far as they are still there. */
  since(count: number): T[] {
    const wanted = Math.min(Math.max(this.added - count, 0), this.items.length);
    const all = this.toArray();
    return all.slice(all.length - wanted);
  }

  toArray(): T[] {
    return [...this.items.slice(this.first), ...this.items.slice(0, this.first)];
  }
}
