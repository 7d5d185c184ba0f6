import type { Call, CallSnapshot, PeerSnapshot } from '@crowfly/client'
import type { RoomCode } from '@crowfly/pairing'
import { useSnapshot } from '@crowfly/react'
import { useRef, useState } from 'react'
import { ChatPanel } from '../chat/chat-panel.tsx'
import { useUnread } from '../chat/use-unread.ts'
import { copy } from '../copy.ts'
import { CallerCard } from '../ring/ringing.tsx'
import { useSession, useSessionSnapshot } from '../session/session-context.ts'
import { copyText } from '../wait/copy-text.ts'
import { isChatPending } from './claims.ts'
import { ControlBar } from './control-bar.tsx'
import { DevicesDialog } from './devices-dialog.tsx'
import { EmojiDialog } from './emoji-dialog.tsx'
import { NewCodeDialog } from './new-code-dialog.tsx'
import { Notices } from './notices.tsx'
import { ShortcutsDialog } from './shortcuts-dialog.tsx'
import { Stage } from './stage.tsx'
import { StatusLine } from './status-line.tsx'
import { useCallControls } from './use-call-controls.ts'
import { useDeviceNews } from './use-device-news.ts'
import { useFlash } from './use-flash.ts'
import { useIdle } from './use-idle.ts'
import { useShortcuts } from './use-shortcuts.ts'
import './in-call.css'

/** Talking: the people, the state of things above them, the controls below, the chat beside. */
export function InCall({ call, snapshot, sinceMs }: { call: Call; snapshot: CallSnapshot; sinceMs: number }) {
  const { media, preferences } = useSessionSnapshot()
  const devices = useSnapshot(media)
  const [isChatOpen, setChatOpen] = useState(false)
  const [draft, setDraft] = useState('')
  const [dialog, setDialog] = useState<OpenDialog>(null)
  const unread = useUnread(snapshot.chat, isChatOpen)
  const chatButton = useRef<HTMLButtonElement>(null)
  const isIdle = useIdle()
  const [flash, showFlash] = useFlash()
  useDeviceNews(devices, showFlash)
  const copyLink = useCopyLink(snapshot.code, showFlash)
  const controls = useCallControls(media, devices, () => setChatOpen((isOpen) => !isOpen))
  useShortcuts(controls, preferences.usesShortcuts)
  const compare = useCompare(snapshot.peers)
  const hasScreen = snapshot.peers.some((peer) => peer.media.screen === 'on')
  const closeChat = () => {
    setChatOpen(false)
    chatButton.current?.focus()
  }
  return (
    <div
      className="in-call"
      data-idle={isIdle}
      data-chat={isChatOpen}
      data-one={snapshot.peers.length === 1 && !hasScreen}
    >
      <StatusLine snapshot={snapshot} sinceMs={sinceMs} onCompare={compare.open} />
      <main className="in-call-stage">
        <Stage peers={snapshot.peers} isFull={snapshot.peers.length === 1 && !hasScreen} />
      </main>
      <Notices
        notices={snapshot.notices}
        server={snapshot.server}
        guessing={snapshot.guessing}
        onNewCode={() => setDialog('newCode')}
        isSharing={devices.screen.state === 'on'}
        flash={flash}
      />
      <InCallCallers call={call} callers={snapshot.callers} />
      <ControlBar
        controls={controls}
        devices={devices}
        onCopyLink={copyLink}
        isClosed={snapshot.guessing === 'closed'}
        unread={unread}
        isChatOpen={isChatOpen}
        chatButton={chatButton}
        onDialog={setDialog}
        onLeave={() => call.leave()}
      />
      {isChatOpen && (
        <ChatPanel
          messages={snapshot.chat}
          draft={draft}
          isPending={isChatPending(snapshot.peers)}
          onDraft={setDraft}
          onSend={(text) => call.sendChat(text)}
          onClose={closeChat}
        />
      )}
      <CallDialogs open={dialog} onOpen={setDialog} />
      {compare.peer !== undefined && (
        <EmojiDialog
          key={compare.peer.id}
          call={call}
          peer={compare.peer}
          isOpen={compare.isOpen}
          onClose={compare.close}
        />
      )}
    </div>
  )
}

type OpenDialog = 'devices' | 'shortcuts' | 'newCode' | null

function CallDialogs({ open, onOpen }: { open: OpenDialog; onOpen(dialog: OpenDialog): void }) {
  return (
    <>
      <DevicesDialog
        isOpen={open === 'devices'}
        onOpenChange={(isOpen) => onOpen(isOpen ? 'devices' : null)}
      />
      <ShortcutsDialog
        isOpen={open === 'shortcuts'}
        onOpenChange={(isOpen) => onOpen(isOpen ? 'shortcuts' : null)}
      />
      <NewCodeDialog isOpen={open === 'newCode'} onClose={() => onOpen(null)} />
    </>
  )
}

function InCallCallers({ call, callers }: { call: Call; callers: CallSnapshot['callers'] }) {
  if (callers.length === 0) return null
  return (
    <div className="in-call-callers">
      {callers.map((caller) => (
        <CallerCard key={caller.id} call={call} caller={caller} isCompact />
      ))}
    </div>
  )
}

/** The person whose emoji are compared, as long as they are there; closing keeps them until the dialog has gone. */
function useCompare(peers: readonly PeerSnapshot[]) {
  const [{ id, isOpen }, set] = useState({ id: '', isOpen: false })
  return {
    peer: peers.find((peer) => peer.id === id),
    isOpen,
    open: (peer: PeerSnapshot) => set({ id: peer.id, isOpen: true }),
    close: () => set({ id, isOpen: false }),
  }
}

/** Copies the call's link and says so; null while there is no code. */
function useCopyLink(code: RoomCode | null, tell: (line: string) => void): (() => void) | null {
  const session = useSession()
  if (code === null) return null
  return () =>
    void copyText(session.linkTo(code)).then((isDone) =>
      tell(isDone ? copy.more.linkCopied : copy.wait.copyFailed),
    )
}
