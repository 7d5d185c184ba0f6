import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { systemCode } from './operator-error.ts'

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.m4a': 'audio/mp4',
  '.map': 'application/json',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.wav': 'audio/wav',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

const compressible = /^(text|image\/svg)|json|wasm/

type Encoding = 'br' | 'gzip' | 'identity'

interface Asset {
  type: string
  etag: string
  /** Vite puts a hash of the content into the names of what is under `assets/`. */
  isHashed: boolean
  bodies: ReadonlyMap<Encoding, Buffer>
}

/**
 * The built app, read into memory once: a build that replaces the files while the server runs can neither mix two
 * versions nor leave a request without its file.
 */
export class AppAssets {
  readonly #assets: ReadonlyMap<string, Asset>

  private constructor(assets: ReadonlyMap<string, Asset>) {
    this.#assets = assets
  }

  /** Reads all files under `folder`; undefined when there is no `index.html` in it. */
  static async load(folder: string): Promise<AppAssets | undefined> {
    try {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true })
      const files = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
      const assets = new Map<string, Asset>()
      await Promise.all(
        files.map(async (file) => {
          const path = `/${relative(folder, file).split(sep).join('/')}`
          assets.set(path, await assetOf(path, await readFile(file)))
        }),
      )
      return assets.has('/index.html') ? new AppAssets(assets) : undefined
    } catch (error) {
      if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined
      throw error
    }
  }

  /** Whether there is a file for `path`, which starts with a slash and is decoded. */
  has(path: string): boolean {
    return this.#assets.has(path)
  }

  /** Answers a GET or HEAD request with the file at `path`, which `has`, in whole or in the part asked for. */
  send(path: string, request: IncomingMessage, response: ServerResponse, status = 200): void {
    const asset = this.#assets.get(path)
    if (asset === undefined) return
    response.setHeader('Cache-Control', asset.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    response.setHeader('Content-Type', asset.type)
    response.setHeader('ETag', asset.etag)
    if (asset.bodies.size > 1) response.setHeader('Vary', 'Accept-Encoding')
    if (status === 200 && request.headers['if-none-match'] === asset.etag) {
      response.writeHead(304).end()
      return
    }
    const encoding = encodingFor(asset, request)
    const body = asset.bodies.get(encoding) ?? Buffer.alloc(0)
    if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding)
    const range = status === 200 && encoding === 'identity' ? rangeOf(request, body.length) : undefined
    if (range) response.setHeader('Content-Range', `bytes ${range.start}-${range.end - 1}/${body.length}`)
    const part = range ? body.subarray(range.start, range.end) : body
    response.writeHead(range ? 206 : status, { 'Content-Length': part.length })
    response.end(request.method === 'HEAD' ? undefined : part)
  }
}

async function assetOf(path: string, identity: Buffer): Promise<Asset> {
  const type = types[extname(path).toLowerCase()] ?? 'application/octet-stream'
  const bodies = new Map<Encoding, Buffer>([['identity', identity]])
  if (compressible.test(type) && identity.length > 1024) {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9 }
    bodies.set('br', await promisify(brotliCompress)(identity, { params }))
    bodies.set('gzip', await promisify(gzip)(identity, { level: 9 }))
  }
  const hash = createHash('sha256').update(identity).digest('base64url').slice(0, 22)
  // Weak: the compressed and the plain body share it (RFC 9110 §8.8.3).
  return { type, etag: `W/"${hash}"`, isHashed: path.startsWith('/assets/'), bodies }
}

function encodingFor(asset: Asset, request: IncomingMessage): Encoding {
  const accepted = request.headers['accept-encoding']
  const isAccepted = (encoding: Encoding) =>
    typeof accepted === 'string' &&
    new RegExp(`\\b${encoding}\\b(?!\\s*;\\s*q=0(\\.0*)?\\s*(,|$))`).test(accepted)
  for (const encoding of ['br', 'gzip'] as const) {
    if (asset.bodies.has(encoding) && isAccepted(encoding)) return encoding
  }
  return 'identity'
}

/**
 * RFC 9110 §14.1.2: one range of bytes, which Safari asks for before it plays a sound. Anything else, wrong ranges
 * included, is answered with the whole, as §14.2 allows.
 */
function rangeOf(request: IncomingMessage, length: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(request.headers.range ?? '')
  if (match === null || request.headers['if-range'] !== undefined) return undefined
  const start = Number(match[1])
  const end = match[2] === '' ? length : Math.min(Number(match[2]) + 1, length)
  return start < end ? { start, end } : undefined
}
