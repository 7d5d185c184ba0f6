import { type PathId, PathTable } from '@crowfly/sansio'
import { type SeededRandom, testCrypto, VirtualClock } from '@crowfly/testkit'
import { messageOf, sign } from './test-requests.ts'
import type { ModelRequest } from './turn-model.ts'
import { createWorldClient, localOf, moveWorldClient, type WorldClient } from './turn-world-client.ts'
import type { Answer } from './turn-world-output.ts'
import { type Meaning, WorldServer, type WorldTotals } from './turn-world-server.ts'
import { PASSWORD, REALM, ROOMS, type WorldMode } from './turn-world-settings.ts'
import { Whims, type Wish } from './turn-world-whims.ts'

/** A server, clients over UDP and TCP that do what comes into their heads, and a model that is asked about all of it. */
export class TurnWorld {
  readonly #random: SeededRandom
  readonly #clock = new VirtualClock()
  readonly #paths: PathTable
  readonly #server: WorldServer
  readonly #whims: Whims
  readonly #clients: WorldClient[] = []
  readonly #connections = new Map<PathId, WorldClient>()
  readonly #loss: number
  #names = 0

  constructor(random: SeededRandom, mode: WorldMode) {
    this.#random = random
    this.#loss = random.pick([0, 0.05, 0.3])
    this.#paths = new PathTable({ capacity: 24 })
    this.#server = new WorldServer({
      mode,
      random,
      clock: this.#clock,
      paths: this.#paths,
      onUnwanted: (path) => {
        const client = this.#connections.get(path)
        if (client !== undefined) this.#move(client)
      },
    })
    this.#whims = new Whims(random)
    for (let i = 0; i < 6; i++) this.#add(createWorldClient(random, this.#names++))
  }

  get totals(): Readonly<WorldTotals> {
    return this.#server.totals
  }

  /** Lets the clients act for a while, then everybody falls silent, and nothing may be left. */
  run(actions: number): void {
    for (let i = 0; i < actions; i++) {
      this.#act()
      this.#clock.advance(this.#random.pick([0, 20, 300, 3000, 30_000]) * this.#random.number())
    }
    for (const client of this.#clients) if (client.transport === 'tcp') this.#close(client)
    this.#clock.advance(6_000_000)
    this.#server.checkEmpty()
  }

  #act(): void {
    const client = this.#random.pick(this.#clients)
    const roll = this.#random.number()
    const isReady = client.isAllocated || this.#random.chance(0.1)
    if (roll < 0.008) this.#clock.advance(this.#random.pick([100_000, 400_000, 1_000_000]))
    else if (roll < 0.018) this.#server.suspend(this.#random.pick([5000, 310_000, 700_000]))
    else if (roll < 0.035) this.#move(client)
    else if (roll < 0.04) this.#server.leave(client.user)
    else if (roll < 0.06) this.#send(client, this.#random.bytes(this.#random.integer(80)), { kind: 'noise' })
    else if (roll < 0.12 || !isReady) this.#request(client, this.#whims.allocate())
    else if (roll < 0.16) this.#request(client, this.#whims.refresh())
    else if (roll < 0.38) this.#request(client, this.#whims.permit(client))
    else if (roll < 0.48) this.#request(client, this.#whims.bind(client))
    else {
      const { bytes, meaning } = this.#whims.say(client)
      this.#send(client, bytes, meaning)
    }
  }

  #request(client: WorldClient, { id, method, write, request }: Wish): void {
    // Now and then somebody else's name, or a wrong password.
    const user = this.#random.chance(0.03) ? this.#random.pick([...ROOMS.keys()]) : client.user
    const isAuthentic = !this.#random.chance(0.03)
    const isSha256 = this.#random.chance(0.2)
    const password = isAuthentic ? PASSWORD : 'wrong'
    const bytes = (nonce: string): Uint8Array =>
      messageOf(method, 'request', id, (writer) => {
        write(writer)
        if (nonce !== '')
          sign(writer, { username: user, realm: REALM, password, nonce, crypto: testCrypto, isSha256 })
      })
    const send = (nonce: string, resend: (nonce: string) => void): void => {
      const meaning: Meaning = {
        kind: 'request',
        request,
        isAuthentic: isAuthentic && nonce !== '',
        isFromElsewhere: nonce !== '' && nonce === client.nonce && client.nonceOf !== client.name,
        user,
        answered: (answer) => this.#handleAnswer(client, user, request, answer, resend),
      }
      this.#send(client, bytes(nonce), meaning)
      // Retransmitted whether it was answered or not.
      if (this.#random.chance(0.3)) this.#clock.after(500, () => this.#send(client, bytes(nonce), meaning))
    }
    send(client.nonce, (nonce) => {
      client.nonce = nonce
      client.nonceOf = client.name
      send(nonce, () => {})
    })
  }

  #handleAnswer(
    client: WorldClient,
    user: string,
    request: ModelRequest,
    answer: Answer,
    resend: (nonce: string) => void,
  ): void {
    const { code, nonce } = answer
    if (code === 401 || code === 438) {
      if (nonce !== undefined) this.#clock.after(100, () => resend(nonce))
      return
    }
    if (code === 437) client.isAllocated = request.kind === 'allocate'
    if (request.kind === 'refresh' && request.lifetimeSeconds === 0) client.isAllocated = false
    if (request.kind !== 'allocate') return
    if (code === undefined) client.isAllocated = true
    this.#whims.learn(user, answer)
  }

  /** On its way to the server: lost, late or doubled over UDP; in order over TCP. */
  #send(client: WorldClient, bytes: Uint8Array, meaning: Meaning): void {
    const isDatagram = client.transport === 'udp'
    if (isDatagram && this.#random.chance(this.#loss)) return
    const copies = isDatagram && this.#random.chance(0.1) ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      const delay = isDatagram ? this.#random.number() * 200 : 50
      this.#clock.after(delay, () => this.#arrive(client, bytes, meaning))
    }
  }

  #arrive(client: WorldClient, bytes: Uint8Array, meaning: Meaning): void {
    const wait = this.#server.suspendedMs
    if (wait > 0) {
      this.#clock.after(wait, () => this.#arrive(client, bytes, meaning))
      return
    }
    if (client.isGone && client.transport === 'tcp') return
    const path =
      client.transport === 'tcp'
        ? client.path
        : this.#paths.intern('udp', localOf(client.remote), client.remote)
    if (path >= 0) this.#server.receive(client.name, path, bytes, meaning)
  }

  #add(client: WorldClient): void {
    this.#clients.push(client)
    if (client.transport === 'tcp') this.#open(client)
  }

  /** A new address or connection: of the same client, who goes on as if nothing had been, or of somebody else. */
  #move(client: WorldClient): void {
    if (client.transport === 'tcp') this.#close(client)
    this.#clients.splice(this.#clients.indexOf(client), 1)
    const number = this.#names++
    const isSame = this.#random.chance(0.5)
    this.#add(
      isSame ? moveWorldClient(client, this.#random, number) : createWorldClient(this.#random, number),
    )
  }

  #open(client: WorldClient): void {
    client.path = this.#paths.open('tcp', localOf(client.remote), client.remote)
    if (client.path < 0) {
      client.isGone = true
      return
    }
    this.#connections.set(client.path, client)
    this.#server.open(client.path, client.name)
  }

  #close(client: WorldClient): void {
    if (client.isGone) return
    client.isGone = true
    this.#connections.delete(client.path)
    this.#server.close(client.path, client.name)
  }
}
