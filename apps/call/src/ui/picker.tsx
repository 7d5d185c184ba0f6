import { Select } from '@base-ui/react/select'
import { Check, ChevronDown } from 'lucide-react'
import type { ReactElement } from 'react'
import './picker.css'

/** One of a picker's choices. */
export interface Choice {
  readonly value: string
  readonly label: string
}

/** A list to choose one of, as wide as its place. */
export function Picker({
  label,
  icon,
  value,
  choices,
  placeholder,
  onChoose,
}: {
  label: string
  icon: ReactElement
  value: string | null
  choices: readonly Choice[]
  placeholder: string
  onChoose(value: string): void
}) {
  const items = choices.map((choice) => ({ ...choice }))
  return (
    <Select.Root
      items={items}
      value={choices.some((choice) => choice.value === value) ? value : null}
      onValueChange={(chosen) => {
        if (chosen !== null) onChoose(chosen)
      }}
      disabled={choices.length === 0}
    >
      <Select.Trigger className="picker" aria-label={label}>
        {icon}
        <Select.Value className="picker-value" placeholder={placeholder} />
        <Select.Icon className="picker-arrow">
          <ChevronDown size={16} aria-hidden="true" />
        </Select.Icon>
      </Select.Trigger>
      <Select.Portal>
        <Select.Positioner className="popup-positioner" sideOffset={6} alignItemWithTrigger={false}>
          <Select.Popup className="popup">
            <Select.List className="popup-list">
              {items.map((choice) => (
                <Select.Item key={choice.value} value={choice.value} className="popup-item">
                  <Select.ItemText className="popup-item-text">{choice.label}</Select.ItemText>
                  <Select.ItemIndicator className="popup-check">
                    <Check size={16} aria-hidden="true" />
                  </Select.ItemIndicator>
                </Select.Item>
              ))}
            </Select.List>
          </Select.Popup>
        </Select.Positioner>
      </Select.Portal>
    </Select.Root>
  )
}
