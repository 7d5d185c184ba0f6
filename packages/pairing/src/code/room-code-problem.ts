/** What is wrong with what somebody typed or pasted, for a sentence that says so. */
export type RoomCodeProblem =
  | { readonly problem: SimpleProblem }
  /** So many words are there. */
  | { readonly problem: 'missingWords'; readonly count: 1 | 2 }
  /** The `position`-th word (from 0) is none of the list; these might have been meant. */
  | {
      readonly problem: 'unknownWord'
      readonly position: 0 | 1 | 2
      readonly word: string
      readonly suggestions: readonly string[]
    }

type SimpleProblem =
  /** Nothing but separators. */
  | 'empty'
  | 'tooLong'
  /** Words without a number before them, or a link without a room. */
  | 'missingNameplate'
  /** What stands for the nameplate is neither four to nine digits nor a room's name. */
  | 'badNameplate'
  /** The nameplate alone, or a code of digits only. */
  | 'onlyNameplate'
  /** A link that has lost its end, with the secret. */
  | 'linkWithoutSecret'
  /** A link that ends in `#`, or no secret of one's own. */
  | 'emptySecret'
  /** Behind the `#` stands neither three words nor a secret. */
  | 'badSecret'
  | 'tooManyWords'
  /** A room's name has no letter. */
  | 'nameWithoutLetter'
  | 'nameTooLong'
  /** A secret of one's own has under ten characters. */
  | 'secretTooShort'
  | 'secretTooLong'
  /** A secret of one's own has control, invisible or unassigned characters (RFC 8265 §4.2). */
  | 'secretNotAllowed'
