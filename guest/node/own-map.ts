/** A Map whose methods are its own: what happens to `Map.prototype` later does not reach it. */
export class OwnMap<K, V> extends Map<K, V> {}

const own = OwnMap.prototype;
const { get, set, has, delete: remove, forEach } = Map.prototype;
own.get = get;
own.set = set;
own.has = has;
own.delete = remove;
own.forEach = forEach;
Object.defineProperty(own, 'size', Object.getOwnPropertyDescriptor(Map.prototype, 'size')!);
