/** Names of the messages between the desktop app's main process and its preload script. */
export const desktopChannels = {
  /** Page to main: give me a port to the API. */
  connect: 'throughline:connect',
  /** Main to page, with the port. */
  port: 'throughline:port',
  /** Main to page: a MenuCommand. */
  command: 'throughline:command',
  /** Page to main: undo in the text field that has the focus. */
  undoText: 'throughline:undo-text',
  redoText: 'throughline:redo-text',
} as const;

/** What the page and its preload script say to each other through `window.postMessage`. */
export const pageMessages = { ready: 'throughline-ready', port: 'throughline-port' } as const;
