/** Something that wants to be woken at one time. The heap keeps both fields; `heapIndex` -1: not in a heap. */
export interface Timed {
  deadline: number;
  heapIndex: number;
}

/**
 * The next deadline of many, a binary heap that knows where each item stands: an item is in it at most once.
 *
 * Users leave an item's early deadline standing when the true one moves later (`wakeBy` never postpones) and look again
 * when it fires. Thus an instance that serves thousands of calls a second touches the heap a few times a second.
 */
export class DeadlineHeap<T extends Timed> {
  readonly #items: T[] = [];

  get length(): number {
    return this.#items.length;
  }

  /** The earliest deadline; Infinity when empty. */
  next(): number {
    return this.#items.length === 0 ? Number.POSITIVE_INFINITY : this.#items[0]!.deadline;
  }

  /** Sees to it that the item fires at `deadline` or before. Infinity asks for nothing. */
  wakeBy(item: T, deadline: number): void {
    if (item.heapIndex < 0) {
      if (deadline === Number.POSITIVE_INFINITY) return;
      item.deadline = deadline;
      item.heapIndex = this.#items.length;
      this.#items.push(item);
      this.#rise(item);
    } else if (deadline < item.deadline) {
      item.deadline = deadline;
      this.#rise(item);
    }
  }

  /** Takes out the earliest item whose deadline is at or before `now`; null: none is due. */
  takeDue(now: number): T | null {
    const top = this.#items[0];
    if (top === undefined || top.deadline > now) return null;
    this.remove(top);
    return top;
  }

  remove(item: T): void {
    const index = item.heapIndex;
    if (index < 0) return;
    item.heapIndex = -1;
    const last = this.#items.pop()!;
    if (last === item) return;
    this.#items[index] = last;
    last.heapIndex = index;
    this.#rise(last);
    this.#sink(last);
  }

  #rise(item: T): void {
    const items = this.#items;
    let index = item.heapIndex;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = items[parentIndex]!;
      if (parent.deadline <= item.deadline) break;
      items[index] = parent;
      parent.heapIndex = index;
      index = parentIndex;
    }
    items[index] = item;
    item.heapIndex = index;
  }

  #sink(item: T): void {
    const items = this.#items;
    let index = item.heapIndex;
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= items.length) break;
      if (childIndex + 1 < items.length && items[childIndex + 1]!.deadline < items[childIndex]!.deadline) {
        childIndex++;
      }
      const child = items[childIndex]!;
      if (child.deadline >= item.deadline) break;
      items[index] = child;
      child.heapIndex = index;
      index = childIndex;
    }
    items[index] = item;
    item.heapIndex = index;
  }
}
