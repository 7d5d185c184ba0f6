/** Whether newcomers enter at once, or knock and wait until somebody opens. */
export type Door = 'open' | 'knock'
