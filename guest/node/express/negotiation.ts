import { mediaType } from './mime-table.ts';

/** One entry of an Accept header: what, how much it is wanted (0 to 1), and where it stands. */
interface Wish {
  readonly value: string;
  readonly quality: number;
  readonly at: number;
}

/** How well an offer fits a wish's value: higher is more specific, 0 does not fit. */
type Fit = (offer: string, value: string) => number;

/** Names in the order of preference, those that are refused (q=0) left out. */
export function wishedFor(header: string): string[] {
  const sorted = readWishes(header).filter(({ quality }) => quality > 0);
  return sorted
    .sort((left, right) => right.quality - left.quality || left.at - right.at)
    .map(({ value }) => value);
}

/** The offer that fits a header best (the earlier of equals), or null. */
export function bestOffer(header: string, offers: readonly string[], fit: Fit): string | null {
  const wishes = readWishes(header);
  let best: { offer: string; quality: number; specificity: number; at: number } | null = null;
  for (const offer of offers) {
    let chosen: { wish: Wish; specificity: number } | null = null;
    for (const wish of wishes) {
      const specificity = fit(offer, wish.value);
      const better =
        chosen === null ||
        specificity > chosen.specificity ||
        (specificity === chosen.specificity && wish.quality >= chosen.wish.quality);
      if (specificity > 0 && better) chosen = { wish, specificity };
    }
    if (chosen === null || chosen.wish.quality === 0) continue;
    const { quality, at } = chosen.wish;
    const better =
      best === null ||
      quality > best.quality ||
      (quality === best.quality &&
        (chosen.specificity > best.specificity || (chosen.specificity === best.specificity && at < best.at)));
    if (better) best = { offer, quality, specificity: chosen.specificity, at };
  }
  return best?.offer ?? null;
}

/** An Accept-Encoding header with `identity`, which is as welcome as the least welcome of the others unless it is named. */
export function withIdentity(header: string): string {
  const wishes = readWishes(header);
  if (wishes.some(({ value }) => fitsName('identity', value) > 0)) return header;
  const quality = Math.min(1, ...wishes.map((wish) => wish.quality || 1));
  return `${header}${header === '' ? '' : ','}identity;q=${quality}`;
}

/** `json` and `application/json` against `application/*`. */
export const fitsType: Fit = (offer, value) => {
  const type = (mediaType(offer) ?? '').split(';')[0]!.trim().toLowerCase();
  const [major, minor] = type.split('/');
  const [wantedMajor, wantedMinor] = value.toLowerCase().split('/');
  if (type === '' || (major !== wantedMajor && wantedMajor !== '*')) return 0;
  if (minor !== wantedMinor && wantedMinor !== '*') return 0;
  return 1 + (major === wantedMajor ? 4 : 0) + (minor === wantedMinor ? 2 : 0);
};

/** Encodings and charsets. */
export const fitsName: Fit = (offer, value) => {
  if (value === '*') return 1;
  return offer.toLowerCase() === value.toLowerCase() ? 2 : 0;
};

/** The same, then a wish that is more exact than the offer, then the other way round. */
export const fitsLanguage: Fit = (offer, value) => {
  const [left, right] = [offer.toLowerCase(), value.toLowerCase()];
  if (right === '*') return 1;
  if (left === right) return 4;
  if (right.startsWith(`${left}-`)) return 3;
  return left.startsWith(`${right}-`) ? 2 : 0;
};

/**
 * Whether a request's type is one of these: names (`json`), types, patterns (`text/*`, `*\/json`), suffixes (`+json`).
 * Returns the one that fits, a pattern as the type itself; false when none does.
 */
export function matchType(header: string, wanted: readonly string[]): string | false {
  const type = header.split(';')[0]!.trim().toLowerCase();
  if (type === '') return false;
  if (wanted.length === 0) return type;
  for (const name of wanted) {
    const pattern = name.startsWith('+') ? `*/*${name}` : (mediaType(name) ?? name);
    if (fitsPattern(type, pattern.toLowerCase()))
      return /[*+]/.test(name.slice(0, 1) + name.slice(-1)) ? type : name;
  }
  return false;
}

function fitsPattern(type: string, pattern: string): boolean {
  const [major, minor = ''] = type.split('/');
  const [wantedMajor, wantedMinor = ''] = pattern.split('/');
  if (wantedMajor !== '*' && wantedMajor !== major) return false;
  if (wantedMinor.startsWith('*+')) return minor.endsWith(wantedMinor.slice(1));
  return wantedMinor === '*' || wantedMinor === minor;
}

function readWishes(header: string): Wish[] {
  return header
    .split(',')
    .map((entry, at) => {
      const [value = '', ...parameters] = entry.split(';').map((part) => part.trim());
      const quality = parameters.find((parameter) => /^q\s*=/i.test(parameter))?.split('=')[1];
      return { value, quality: quality === undefined ? 1 : Number.parseFloat(quality), at };
    })
    .filter(({ value }) => value !== '');
}
