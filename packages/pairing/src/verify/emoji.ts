import { type Emoji, emojiTable } from './emoji-table.ts'

/** Emoji that two people compare: 42 bits. */
const emojiCount = 7
/** Octets that they are made of. */
export const emojiBytes = 6

/** Seven emoji out of six octets, six bits each, the highest first; the last six bits are left over. */
export function chooseEmoji(octets: Uint8Array): readonly Emoji[] {
  const chosen: Emoji[] = []
  for (let bit = 0; bit < emojiCount * 6; bit += 6) {
    const pair = ((octets[bit >> 3] ?? 0) << 8) | (octets[(bit >> 3) + 1] ?? 0)
    const emoji = emojiTable[(pair >> (10 - (bit & 7))) & 63]
    if (emoji !== undefined) chosen.push(emoji)
  }
  return chosen
}
