import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

let made = 0

/** Why no network namespace can be made here, with what helps; null when one can. */
export function namespacesMissing(): string | null {
  if (process.getuid?.() !== 0) return 'network namespaces need root: sudo npm test -- e2e netlab'
  try {
    execFileSync('ip', ['-V'], { stdio: 'ignore' })
    return null
  } catch {
    return 'the program ip is missing: sudo apt-get install iproute2'
  }
}

/** A network of one's own on this machine: as a host it has its own interfaces, addresses, routes and packet filter. */
export class NetworkNamespace {
  /** As `ip netns` knows it. Unlike those of other runs at the same time. */
  readonly name: string

  /** Makes it, with its loopback up and IPv6 off. */
  constructor(purpose: string) {
    if (made === 0) sweep()
    made += 1
    this.name = `crowfly-${process.pid}-${made}-${purpose}`
    execFileSync('ip', ['netns', 'add', this.name])
    this.ip('link', 'set', 'lo', 'up')
    this.run('sh', '-c', 'echo 1 | tee /proc/sys/net/ipv6/conf/*/disable_ipv6 >/dev/null')
    // Nobody resolves names here, and a port that nobody listens on says so at once.
    this.#set('resolv.conf', 'nameserver 127.0.0.1\n')
  }

  /** Runs `ip` inside. Throws with what it said when it fails. */
  ip(...args: string[]): void {
    execFileSync('ip', ['-n', this.name, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  }

  /** Runs a program inside, to its end. Returns what it printed. */
  run(program: string, ...args: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.name, program, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** Runs a program inside, to its end, with `input` on its standard input. */
  feed(input: string, program: string, ...args: string[]): void {
    execFileSync('ip', ['netns', 'exec', this.name, program, ...args], {
      input,
      stdio: ['pipe', 'ignore', 'pipe'],
    })
  }

  /** Makes this a host with one address in a network that reaches nowhere else. */
  joinLan(address: string): void {
    this.ip('link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'switch0')
    this.ip('addr', 'add', `${address}/24`, 'dev', 'lan0')
    for (const end of ['lan0', 'switch0']) this.ip('link', 'set', end, 'up')
    this.ip('route', 'add', 'default', 'dev', 'lan0')
  }

  /** Lets programs inside find a host by its name. */
  nameHost(name: string, address: string): void {
    this.#set('hosts', `127.0.0.1 localhost\n${address} ${name}\n`)
  }

  /** Puts a file in the place of one in /etc, for programs inside. */
  #set(file: string, text: string): void {
    mkdirSync(settingsOf(this.name), { recursive: true })
    writeFileSync(join(settingsOf(this.name), file), text)
  }

  isThere(): boolean {
    return listed().includes(this.name)
  }

  /** Ends what still runs inside, and removes it with its interfaces. */
  remove(): void {
    remove(this.name)
  }
}

/** What `ip netns exec` puts in the place of files in /etc. */
function settingsOf(name: string): string {
  return join('/etc/netns', name)
}

function listed(): string[] {
  const lines = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' }).split('\n')
  return lines.map((line) => line.replace(/ .*/, ''))
}

function remove(name: string): void {
  const left = execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).split('\n')
  for (const pid of left.filter((line) => line !== '')) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It ended by itself meanwhile.
    }
  }
  execFileSync('ip', ['netns', 'del', name])
  rmSync(settingsOf(name), { recursive: true, force: true })
}

/** Removes what a run left behind that was killed before it could tidy up. */
function sweep(): void {
  for (const name of listed()) {
    const owner = /^crowfly-(\d+)-/.exec(name)?.[1]
    if (owner !== undefined && !isRunning(Number(owner))) remove(name)
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
