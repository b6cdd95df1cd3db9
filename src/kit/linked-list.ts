/** A place in one list at a time. Made once for an item and reused, so that moving it about allocates nothing. */
export class Link<T> {
  readonly item: T;
  /** The list it stands in now; null: in none. */
  list: LinkedList<T> | null = null;
  prev: Link<T> | null = null;
  next: Link<T> | null = null;

  constructor(item: T) {
    this.item = item;
  }
}

/** A doubly linked list of links that its user keeps: every operation takes constant time. */
export class LinkedList<T> {
  first: Link<T> | null = null;
  last: Link<T> | null = null;
  length = 0;

  /** Adds at the end. The link must stand in no list. */
  push(link: Link<T>): void {
    if (link.list !== null) throw new Error('The link stands in a list already.');
    link.list = this;
    link.prev = this.last;
    if (this.last === null) this.first = link;
    else this.last.next = link;
    this.last = link;
    this.length++;
  }

  /** Adds at the beginning. The link must stand in no list. */
  unshift(link: Link<T>): void {
    if (link.list !== null) throw new Error('The link stands in a list already.');
    link.list = this;
    link.next = this.first;
    if (this.first === null) this.last = link;
    else this.first.prev = link;
    this.first = link;
    this.length++;
  }

  /** Takes the link out; false: it did not stand in this list. */
  remove(link: Link<T>): boolean {
    if (link.list !== this) return false;
    if (link.prev === null) this.first = link.next;
    else link.prev.next = link.next;
    if (link.next === null) this.last = link.prev;
    else link.next.prev = link.prev;
    link.list = null;
    link.prev = null;
    link.next = null;
    this.length--;
    return true;
  }

  /** Takes out the first item; null: the list is empty. */
  shift(): T | null {
    const link = this.first;
    if (link === null) return null;
    this.remove(link);
    return link.item;
  }
}
