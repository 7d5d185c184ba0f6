import { get } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keepScreen } from './harness/evidence.ts'
import { NetworkNamespace, namespacesMissing } from './harness/network-namespace.ts'
import { linkEnd, type Person } from './harness/person.ts'
import { Stage, useStage } from './harness/stage.ts'

const missing = namespacesMissing()
if (missing) console.warn(`skipped: ${missing}`)

/** STUN and the relay of the server at this place. */
function ownServers(place: string): string[] {
  return [`stun:${place}`, `turn:${place}?transport=udp`, `turn:${place}?transport=tcp`]
}

describe('the page on this machine', () => {
  const stage = useStage()

  it('asks nobody but its own server for anything, and names no other ICE server', async () => {
    const [ann, bob] = await Promise.all([stage.arrive('Ann'), stage.arrive('Bob')])
    await bob.connect(await ann.startCall())
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    await ann.say('Look at https://example.com/page')
    await bob.openChat()
    await bob.reads('Look at https://example.com/page')
    for (const person of [ann, bob]) {
      const hosts = new Set(person.requests.map((address) => new URL(address).host))
      expect(hosts).toEqual(new Set([`localhost:${stage.server.port}`]))
      expect(await iceServers(person)).toEqual(ownServers(`localhost:${stage.server.port}`))
    }
  })

  it('answers HTTP and HTTPS on one port, with headers that let nothing foreign in', async () => {
    const policy = await new Promise<string>((resolve, reject) => {
      get(stage.server.origin, (response) => {
        response.resume()
        resolve(String(response.headers['content-security-policy']))
      }).on('error', reject)
    })
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|\*/)
    const ann = await stage.arrive('Ann', {
      origin: `https://localhost:${stage.server.port}`,
      context: { ignoreHTTPSErrors: true },
    })
    expect(await ann.startCall()).toMatch(/-/)
  })
})

async function iceServers(person: Person): Promise<string[]> {
  const urls = await person.page.evaluate(() =>
    (window.madePeerConnections ?? []).flatMap((connection) =>
      (connection.getConfiguration().iceServers ?? []).flatMap(({ urls }) => urls),
    ),
  )
  return [...new Set(urls)]
}

describe.skipIf(missing)('the page on another device of the network', () => {
  const address = '192.168.77.2'
  const stage = new Stage()
  let lan: NetworkNamespace | null = null

  beforeAll(async () => {
    lan = new NetworkNamespace('lan')
    lan.joinLan(address)
    await stage.open({ namespace: lan.name })
  })

  afterAll(async () => {
    await stage.close()
    lan?.remove()
  })

  const onLan = (scheme: 'http' | 'https') => ({
    origin: `${scheme}://${address}:${stage.server.port}`,
    ...(lan ? { namespace: lan.name } : {}),
    // What pressing "Proceed" in the browser's warning does.
    context: { ignoreHTTPSErrors: scheme === 'https' },
  })

  it('has camera and a working call over HTTPS, once the warning is passed', async () => {
    const [ann, bob] = await Promise.all([
      stage.arrive('Ann', onLan('https')),
      stage.arrive('Bob', onLan('https')),
    ])
    expect(await ann.page.evaluate(() => [window.isSecureContext, location.hostname])).toEqual([
      true,
      address,
    ])
    await bob.connect(await ann.startCall())
    await ann.isCalledBy('Bob')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    expect(await iceServers(ann)).toEqual(ownServers(`${address}:${stage.server.port}`))
    await stage.clear('', false)
  })

  it('is led there by the link that a page on the server itself shows as localhost', async () => {
    const ann = await stage.arrive('Ann', {
      ...onLan('http'),
      origin: `http://localhost:${stage.server.port}`,
    })
    const code = await ann.startCall()
    const link = `${address}:${stage.server.port}/${linkEnd(code)}`
    await ann.seesText(link)
    const bob = await stage.seat('Bob', onLan('https'))
    await bob.page.goto(`https://${link}`)
    await bob.press('Connect')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Guest'), bob.isInCallWith('Ann')])
    await stage.clear('', false)
  })

  it('says over plain HTTP that camera and microphone need the secure address', async () => {
    const ann = await stage.arrive('Ann', onLan('http'))
    expect(await ann.page.evaluate(() => window.isSecureContext)).toBe(false)
    const ask = ann.button('Allow camera and microphone')
    if (await ask.isVisible()) await ask.click()
    await ann.seesText(/needs? the secure address/)
    await keepScreen(ann, 'dead end - insecure address')
    await stage.clear('', false)
  })
})
