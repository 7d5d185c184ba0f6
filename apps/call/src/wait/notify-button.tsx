import { Bell, BellRing } from 'lucide-react'
import { useState } from 'react'
import { copy } from '../copy.ts'
import { askForNotifications, notificationConsent } from '../ring/caller-notification.ts'
import { Button } from '../ui/button.tsx'

/** Asks for notifications at the moment when they make sense, and says what came of it. */
export function NotifyButton() {
  const [consent, setConsent] = useState(notificationConsent)
  if (consent === 'missing') return null
  if (consent === 'granted') {
    return (
      <p className="notify-state" role="status">
        <BellRing size={16} aria-hidden="true" />
        {copy.wait.notifyOn}
      </p>
    )
  }
  if (consent === 'denied') {
    return (
      <p className="notify-state" role="status">
        {copy.wait.notifyDenied}
      </p>
    )
  }
  return (
    <Button tone="quiet" onClick={() => void askForNotifications().then(setConsent)}>
      <Bell size={18} aria-hidden="true" />
      {copy.wait.notify}
    </Button>
  )
}
