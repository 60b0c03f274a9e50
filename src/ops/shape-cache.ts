/** What depends on shapes and options only is worked out once per combination of them. */

const ENTRIES_KEPT = 512;

interface Entry<T> {
  readonly key: readonly number[];
  readonly value: T;
}

/** Values by lists of integers. Starts anew when it holds very many. */
export class ShapeCache<T> {
  private readonly buckets = new Map<number, Entry<T>[]>();
  private size = 0;

  /** The value of `key`, made by `make` where it is new. The list may be reused by the caller. */
  get(key: readonly number[], make: () => T): T {
    let hash = key.length;
    for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key[i]) | 0;
    const bucket = this.buckets.get(hash);
    if (bucket !== undefined) {
      for (let i = 0; i < bucket.length; i++) if (equal(bucket[i].key, key)) return bucket[i].value;
    }
    const value = make();
    this.add(hash, { key: key.slice(), value });
    return value;
  }

  private add(hash: number, entry: Entry<T>): void {
    if (this.size >= ENTRIES_KEPT) {
      this.buckets.clear();
      this.size = 0;
    }
    this.size++;
    const bucket = this.buckets.get(hash);
    if (bucket === undefined) this.buckets.set(hash, [entry]);
    else bucket.push(entry);
  }
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
