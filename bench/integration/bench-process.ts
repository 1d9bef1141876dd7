import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { processTree } from '../../fixtures/process/usage.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Flags of a run that measures everything, but little of it. */
export const SMALL = [
  '--requests',
  '30',
  '--concurrency',
  '5',
  '--stream-requests',
  '12',
  '--stream-concurrency',
  '3',
  '--warmup',
  '5',
  '--stream-warmup',
  '3',
  '--overhead-requests',
  '20',
];

/** `npm run bench` as a user starts it, in a process of its own. */
export class BenchProcess {
  output = '';
  /** Standard error alone: its last line says why a run was broken off. */
  errors = '';
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|NODE_ENV$|LITELLM_PERF_)/.test(name));
    this.#child = spawn(process.execPath, ['bench/cli.ts', ...args], {
      cwd: ROOT,
      env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.output += chunk.toString();
      this.errors += chunk.toString();
    });
    this.exited = new Promise((resolve) => this.#child.once('close', resolve));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Everything it started, itself included. */
  family(): number[] {
    return processTree(this.pid);
  }

  get lastErrorLine(): string {
    return this.errors.trim().split('\n').at(-1) ?? '';
  }

  /** @throws when it ends without having printed the text */
  async printed(text: string | RegExp): Promise<void> {
    let ended = false;
    void this.exited.then(() => (ended = true));
    const found = (): boolean => (typeof text === 'string' ? this.output.includes(text) : text.test(this.output));
    while (!found()) {
      if (ended) throw new Error(`ended without printing "${text}":\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Those of the processes that still run; a process that waits to be reaped does not. */
export async function survivors(pids: readonly number[], withinMs: number): Promise<number[]> {
  const deadline = performance.now() + withinMs;
  let alive = pids.filter(runs);
  while (alive.length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    alive = alive.filter(runs);
  }
  return alive;
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return processTree(pid).length > 0;
  } catch {
    return false;
  }
}
