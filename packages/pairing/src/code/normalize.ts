/**
 * One form for what people write differently: compatibility forms, case, and whatever separates words. The result is
 * made of letters (with their marks) and digits, in runs joined by single hyphens. The same in every locale.
 */
export function normalize(text: string): string {
  const folded = text.normalize('NFKC').toLowerCase().normalize('NFKC')
  return folded.replace(/[^\p{L}\p{M}\p{N}]+/gu, '-').replace(/^-|-$/g, '')
}
