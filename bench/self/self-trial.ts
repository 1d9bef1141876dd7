import { cpus } from 'node:os';
import type { Table } from '../report/table.ts';
import { toText } from '../report/table.ts';

/** Something that we promise of the suite itself, and what was measured. */
export interface Goal {
  readonly what: string;
  readonly measured: string;
  readonly goal: string;
  readonly met: boolean;
}

export interface SelfResult {
  readonly title: string;
  readonly goals: readonly Goal[];
  readonly tables?: readonly Table[];
  readonly notes?: readonly string[];
}

export type SelfTrial = () => Promise<SelfResult>;

/** @returns whether a goal was missed */
export function printTrial({ title, goals, tables = [], notes = [] }: SelfResult): boolean {
  const summary = {
    head: [title, 'measured', 'goal', ''],
    rows: goals.map(({ what, measured, goal, met }) => [what, measured, goal, met ? 'met' : 'MISSED']),
  };
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.version}`;
  const blocks = [toText(summary), ...tables.map((table) => toText(table)), notes.map((note) => `  ${note}`)].filter(
    (lines) => lines.length > 0,
  );
  process.stdout.write(`${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n  ${machine}\n\n`);
  return goals.some(({ met }) => !met);
}
