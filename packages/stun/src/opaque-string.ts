/*
 * The OpaqueString profile (RFC 8265 §4.2) of the PRECIS FreeformClass (RFC 8264 §4.3), which RFC 8489 applies to user
 * names, realms and passwords.
 *
 * Code points are classed by the Unicode properties that the JavaScript engine knows, so a newer engine takes newer
 * characters; that is what RFC 8264 §5 wants of an implementation with a newer Unicode.
 *
 * DEVIATION: RFC 5892 A.1 and A.2 allow ZERO WIDTH NON-JOINER and JOINER after certain characters. Engines do not tell
 * the properties that this needs (canonical combining class, joining type), so both are refused everywhere.
 */

// RFC 8264 §9: letters, marks, numbers, spaces, symbols and punctuation are allowed; controls, format characters,
// surrogates, private use and unassigned code points are not.
const ALLOWED = /^[\p{L}\p{M}\p{N}\p{Zs}\p{S}\p{P}]+$/u

// RFC 8264 §9.13 (ignorable), §9.9 (conjoining jamo), and RFC 5892 §2.6's exceptions.
const REFUSED =
  /[\p{Default_Ignorable_Code_Point}\u{1100}-\u{11ff}\u{a960}-\u{a97c}\u{d7b0}-\u{d7c6}\u{d7cb}-\u{d7fb}\u{640}\u{7fa}\u{302e}\u{302f}\u{3031}-\u{3035}\u{303b}]/u

// RFC 5892 Appendix A: characters that are allowed only in a context; these match where it is missing.
const OUT_OF_CONTEXT: readonly RegExp[] = [
  /(?<!l)\u{b7}|\u{b7}(?!l)/u, // A.3 MIDDLE DOT: between two l
  /\u{375}(?!\p{Script=Greek})/u, // A.4 GREEK LOWER NUMERAL SIGN: before Greek
  /(?<!\p{Script=Hebrew})[\u{5f3}\u{5f4}]/u, // A.5, A.6 HEBREW PUNCTUATION GERESH, GERSHAYIM: after Hebrew
  /^[^\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]*\u{30fb}[^\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]*$/u, // A.7
  /[\u{660}-\u{669}].*[\u{6f0}-\u{6f9}]|[\u{6f0}-\u{6f9}].*[\u{660}-\u{669}]/su, // A.8, A.9: one kind of digits
]

/** The enforced form of a string; undefined when the profile refuses it: empty, or with characters not allowed. */
export function prepareOpaqueString(text: string): string | undefined {
  // RFC 8265 §4.2.1
  if (!isFreeform(text)) return undefined
  // RFC 8265 §4.2.2: spaces become U+0020, then NFC; case and width stay.
  const enforced = text.replace(/\p{Zs}/gu, ' ').normalize('NFC')
  return isFreeform(enforced) ? enforced : undefined
}

function isFreeform(text: string): boolean {
  return ALLOWED.test(text) && !REFUSED.test(text) && !OUT_OF_CONTEXT.some((rule) => rule.test(text))
}
