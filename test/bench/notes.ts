/** What the document says about how the figures were taken and what bounds them. Written by hand, from profiles. */
export const notes: readonly string[] = [
  '## How it was set up',
  '',
  'All on one machine and over loopback: Azurite as two processes (blob and queue, in memory), the Key Vault emulator as a process of its own (20 ms added to each call, throttling on with the documented limits), the local host in the bench’s process, the app’s bundle in worker processes, `host.json` as deployed. No storage proxies, except where storage calls are counted (figure 3). Rates are read from the emulator’s timeline, not from what the app says of itself. CPU shares are of one core, from `/proc`; where that is missing they are unknown.',
  '',
  '## What keeps a figure from its target',
  '',
  'Observed on two cores. A quick run’s sizes are smaller than those that the targets name, so that its "yes" is an indication and no proof (in 8 the vaults are too small to fill ten seconds). **The table is older than the last changes to pacing; what follows was measured after them, with single figures, and the full table was not made anew.**',
  '',
  '- Governor at 4,000: Bottleneck needs two timers under a lock per job, about 3.4 ms on this machine, and 2.5 are asked: 0.73 of the budget. Since one of its jobs carries several calls (`shared/policies/turns.ts`) it is 1.00 (5 runs of 4,000 calls, 0.98 to 1.00, no 429).',
  '- Through everything at 2,000 per 10 s: 0.46 in five runs of 2,000 objects on a day when this machine was slow, 0.98 at 1,000 and 1.00 at 400 (medians). No process is above half a core, both cores together are about 70 % busy: worker, host and Azurite’s queue wait for each other. The version before, on the same day: 1,000 objects at 2,000 per 10 s in 17.9 and 18.6 s, now in 13.0 and 15.5 s.',
  '- Whole run ÷ loop and ÷ floor: of a short run’s fixed waits (whole seconds of the queue, looks of 1, 2, 4 s) most are gone, because short waits are held in the slot: ÷ floor 1.7 for 400 objects beside other work (3.2 before). What is left is the capture rate above.',
  '- Second run ÷ full run: it lists twice, page after page, at 45 pages per second whatever the budget. With a large budget the full run is short and the ratio large; the full bench uses the default budget.',
  '- Shards: all shards share this machine’s two cores and Azurite’s one queue process; here small vaults measure the fixed waits.',
  '- Restore: the first object goes alone; parts of 200 follow each other with a lead of two seconds.',
];
