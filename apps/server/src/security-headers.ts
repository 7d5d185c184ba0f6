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
  // CSP has no syntax for IPv6 addresses (§2.3.1 `host-source`): browsers complain of one.
  const isNameable = at !== undefined && !at.host.startsWith('[')
  const sockets = isNameable ? ` ws://${at.host}${at.port} wss://${at.host}${at.port}` : ''
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "media-src 'self'",
    `connect-src 'self'${sockets}`,
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
