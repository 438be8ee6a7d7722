/** What the document says about how the figures were taken and what bounds them. Written by hand, from profiles. */
export const notes: readonly string[] = [
  '## How it was set up',
  '',
  'All on one machine and over loopback: Azurite as two processes (blob and queue, in memory), the Key Vault emulator as a process of its own (20 ms added to each call, throttling on with the documented limits), the local host in the bench’s process, the app’s bundle in worker processes, `host.json` as deployed. No storage proxies, except where storage calls are counted (figure 3). Rates are read from the emulator’s timeline, not from what the app says of itself. CPU shares are of one core, from `/proc`; where that is missing they are unknown.',
];
