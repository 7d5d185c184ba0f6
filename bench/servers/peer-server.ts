// PeerJS's server as its library starts it; its command would also print a line for each client.
import { PeerServer } from 'peer'

PeerServer({ port: Number(process.argv[2]), host: '127.0.0.1', path: '/', concurrent_limit: 100_000 })
