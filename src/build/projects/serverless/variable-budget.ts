import { type Place, problemAt, problemsError } from '../../problem.ts';

/** Values that variables stand for, and characters of one text: variables that name others often could make billions. */
const valuesMax = 200_000;
const textCharsMax = 100_000;

/** What the variables of a configuration may grow to. */
export class VariableBudget {
  readonly #place: () => Place;
  #values = 0;

  /** @param place of the configuration */
  constructor(place: () => Place) {
    this.#place = place;
  }

  /** @throws MayflyError CONFIG_INVALID */
  countValue(): void {
    this.#values += 1;
    if (this.#values > valuesMax) throw this.#tooMuch(`stand for more than ${valuesMax} values`);
  }

  /** @throws MayflyError CONFIG_INVALID */
  checkText(chars: number): void {
    if (chars > textCharsMax) throw this.#tooMuch(`make a text of more than ${textCharsMax} characters`);
  }

  #tooMuch(what: string): Error {
    return problemsError('CONFIG_INVALID', [problemAt(this.#place(), `its variables ${what}`)]);
  }
}
