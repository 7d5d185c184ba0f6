/**
 * Whether two browsers come through an ICE restart together, told by the descriptions that they send.
 *
 * Chromium and Firefox do not. Chromium pairs its new candidates with the other side's old ones, which still answer,
 * and gives up the new pairs when checks arrive on them before the candidates do; in control, it stays on such a
 * crossed pair for good. Firefox drops what comes over it, while both say connected.
 */
export function canRestartTogether(localSdp: string, remoteSdp: string): boolean {
  return isFirefox(localSdp) === isFirefox(remoteSdp)
}

function isFirefox(sdp: string): boolean {
  return /^o=mozilla/m.test(sdp)
}
