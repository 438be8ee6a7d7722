/** What the document says about how the figures were taken and what bounds them. Written by hand, from profiles. */
export const notes: readonly string[] = [
  '## How it was set up',
  '',
  'All on one machine and over loopback: Azurite as two processes (blob and queue, in memory), the Key Vault emulator as a process of its own (20 ms added to each call, throttling on with the documented limits), the local host in the bench’s process, the app’s bundle in worker processes, `host.json` as deployed. No storage proxies, except where storage calls are counted (figure 3). Rates are read from the emulator’s timeline, not from what the app says of itself. CPU shares are of one core, from `/proc`; where that is missing they are unknown.',
  '',
  '## What keeps a figure from its target',
  '',
  'Observed on two cores; the profile was taken beside other work.',
  '',
  '- Run ÷ loop and run ÷ floor with queue: a run of 1,000 objects at a budget of 4,000 lists for 1.3 s, captures for 5 to 6 s, looks for what is missing for 0.5 to 2 s, lists again for 1.3 s and seals in 0.4 s. The budget would allow the captures in 2.5 s. A profile of the worker (`--cpu-prof`, 3,000 objects): 3.7 ms of its one thread per object, for the SDK’s requests to vault, blob and queue and for the channel to the host, so that about 270 objects per second are the end; a floor makes the same calls in one process with 2 ms. While a run still sends its jobs it captures 140 per second, afterwards 280. A call to the vault takes 30 ms (20 of them by design), its turn is waited for 80 ms, because the host takes messages 32 at a time and they are spaced. So this is a limit of one worker process on this machine, not of the pacing: with a budget that the worker can serve (2,000 and below) it is used fully.',
  '- Second run ÷ full run: it lists twice, page after page, at 45 pages per second whatever the budget. With a large budget the full run is short and the ratio large; the full bench uses the default budget.',
  '- Memory: it is not what a run holds. The captures of 30,000 objects, listed from storage and kept until the seal, are 20 MB after a collection (`--expose-gc`, the app’s own adapter against Azurite); the process of that test had 111 MB before and 258 MB after, 75 of them heap, and stayed there when everything was released and listed again twice. So the rest are pages that the allocator keeps: 224 MB with `MALLOC_ARENA_MAX=1`, 250 with pages of 250 blobs instead of 1,000. It grows with the first large listing, not with each.',
  '- Shards: all shards share this machine’s two cores and Azurite’s one queue process, and each function is a process of its own; more of them cannot be faster here. What is shown is that no budget is exceeded and nothing is lost.',
  '- Azurite does not sweep during a bench or a test (`test/local/azuriteChild.ts`): once a minute it would answer nobody for 13 to 37 s after some thousand messages, which looked like captures that came half a minute late.',
];
