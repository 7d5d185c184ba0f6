import { type ComponentProps, type ReactNode, useId } from 'react'
import './text-field.css'

export interface TextFieldProps extends Omit<ComponentProps<'input'>, 'id'> {
  label: string
  /** What is said under the field; read out when it changes. */
  hint?: ReactNode
  isWrong?: boolean
}

/** A one-line field with its label and a line of help. */
export function TextField({ label, hint, isWrong = false, className = '', ...rest }: TextFieldProps) {
  const id = useId()
  return (
    <div className={`text-field ${className}`}>
      <label className="text-field-label" htmlFor={id}>
        {label}
      </label>
      <input
        className="text-field-input"
        id={id}
        aria-invalid={isWrong}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        {...rest}
      />
      {hint !== undefined && (
        <p className="text-field-hint" id={`${id}-hint`} role="status" data-wrong={isWrong}>
          {hint}
        </p>
      )}
    </div>
  )
}
