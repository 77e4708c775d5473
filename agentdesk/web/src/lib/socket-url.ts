/** The desk socket of the server that this page came from. */
export function socketURL(): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`;
}
