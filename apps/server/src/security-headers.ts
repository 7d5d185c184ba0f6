import type { ServerResponse } from 'node:http'
import type { RequestHost } from './request-origin.ts'

const features = [
  'autoplay',
  'camera',
  'clipboard-write',
  'display-capture',
  'fullscreen',
  'microphone',
  'speaker-selection',
]

const permissionsPolicy = features.map((feature) => `${feature}=(self)`).join(', ')

/**
 * What every answer carries. There is no Strict-Transport-Security: the certificate may be self-signed, and a browser
 * that was told so once would let nobody past its warning.
 *
 * The Host header is named, since Safari before 15.4 does not count WebSockets to it as `'self'`.
 */
export function setSecurityHeaders(response: ServerResponse, at: RequestHost | undefined): void {
  const sockets = at === undefined ? '' : ` ws://${at.host}${at.port} wss://${at.host}${at.port}`
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "media-src 'self' blob: mediastream:",
    `connect-src 'self'${sockets}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  response.setHeader('Content-Security-Policy', policy.join('; '))
  response.setHeader('Permissions-Policy', permissionsPolicy)
  response.setHeader('Referrer-Policy', 'no-referrer')
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
}
