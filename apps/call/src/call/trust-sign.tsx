import { Lock, Shield, ShieldCheck, ShieldEllipsis } from 'lucide-react'
import type { Trust } from './claims.ts'

/** The sign beside the words for a trust; never alone. */
export function TrustSign({ trust, size = 16 }: { trust: Trust; size?: number }) {
  if (trust === 'pending') return <ShieldEllipsis className="trust-sign" size={size} aria-hidden="true" />
  if (trust === 'server') return <Shield className="trust-sign" size={size} aria-hidden="true" />
  if (trust === 'code') return <Lock className="trust-sign" size={size} aria-hidden="true" />
  return <ShieldCheck className="trust-sign" size={size} aria-hidden="true" />
}
