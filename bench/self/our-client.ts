import { type ClientJob, runClient } from './mock-load.ts';
import type { OurReport } from './tools/ours.ts';

/** Our client as a command: `node bench/self/our-client.ts JOB`, JOB being a {@link ClientJob} in JSON; prints an {@link OurReport}. */
const job = JSON.parse(process.argv[2] ?? '') as ClientJob;
// As in a run, requests of an open loop are not the first ones: the compiler of JavaScript has seen some before.
if (job.load.kind === 'open') await runClient({ ...job, load: { kind: 'closed', count: 300, concurrency: 10, unmeasured: 0 } });
const { samples } = await runClient(job);
const latency = samples.of('latency');
const report: OurReport = {
  requests: samples.sent,
  failures: samples.failures.total,
  p50Ms: latency.percentile(50),
  p99Ms: latency.percentile(99),
  peakRssMib: process.resourceUsage().maxRSS / 1024,
};
process.stdout.write(JSON.stringify(report));
process.exit(0);
