/** What the document says about how the figures were taken and what bounds them. Written by hand, from profiles. */
export const notes: readonly string[] = [
  '## How it was set up',
  '',
  'All on one machine and over loopback: Azurite as two processes (blob and queue, in memory), the Key Vault emulator as a process of its own (20 ms added to each call, throttling on with the documented limits), the local host in the bench’s process, the app’s bundle in worker processes, `host.json` as deployed. No storage proxies, except where storage calls are counted (figure 3). Rates are read from the emulator’s timeline, not from what the app says of itself. CPU shares are of one core, from `/proc`; where that is missing they are unknown.',
  '',
  '## What keeps a figure from its target',
  '',
  'Observed on two cores while this version was made, in quick runs; a quick run’s sizes are smaller than those that the targets name, so that its "yes" is an indication and no proof (in 8 the vaults are too small to fill ten seconds).',
  '',
  '- Governor at 4,000: the governor with calls that only wait keeps 400/s exactly; with the adapter a fresh process makes 360 to 370/s for its first 5 to 10 s and 390 to 400/s after that. No call takes longer (median 21 ms, 99 % below 30), no core is full, and neither fewer callers than the cap on concurrency nor a higher cap changes it. Not proven: Bottleneck takes its calls through a lock one by one, with a timer turn each, which is near 2.5 ms while code is cold.',
  '- Whole run ÷ loop and ÷ floor: fixed waits, not work. Of about 5 s for 400 objects, 2 s are capture, 1.2 s the two listings (pages come one after the other, 20 ms each), and about 1.5 s are waits: visibility of a queue’s message has whole seconds, and the settle step looks again after 1, 2, 4 s. Capture itself reaches about 200/s with no process above half a core; why not more is not yet known.',
  '- Second run ÷ full run: its calls are those of the target, but it lists twice, page after page, at 45 pages per second whatever the budget. With a large budget the full run is short and the ratio large; the full bench uses the default budget.',
  '- Shards: all shards share this machine’s two cores and Azurite’s one queue process; here small vaults measure the fixed waits.',
  '- Restore: the next 200 objects are enqueued when the last are through, without a lead, and the first object goes alone.',
];
