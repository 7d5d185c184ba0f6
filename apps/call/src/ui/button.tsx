import type { ComponentProps } from 'react'
import './button.css'

export interface ButtonProps extends ComponentProps<'button'> {
  /** `primary` for the one thing to do, `good` and `bad` to take or end a call, `quiet` for all else. */
  tone?: 'primary' | 'good' | 'bad' | 'plain' | 'quiet'
  size?: 'medium' | 'large'
}

/** A button with words. */
export function Button({ tone = 'plain', size = 'medium', className = '', ...rest }: ButtonProps) {
  return <button type="button" className={`button button-${tone} button-${size} ${className}`} {...rest} />
}
