import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { STANDARD_ORDER } from './modes.ts';

/** Bench files pass by pass in a fixed order; Vitest's own order depends on what it remembers of earlier runs. */
export class BenchSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const benches = files.filter(isBench).sort((one, other) => passOf(one) - passOf(other) || orderOf(one) - orderOf(other));
    return [...(await super.sort(files.filter((file) => !isBench(file)))), ...benches];
  }
}

function isBench({ moduleId }: TestSpecification): boolean {
  return moduleId.endsWith('.bench.ts');
}

function passOf({ project }: TestSpecification): number {
  return Number(/pass (\d+)/.exec(project.name)?.[1] ?? 1);
}

function orderOf({ moduleId }: TestSpecification): number {
  const at = STANDARD_ORDER.findIndex((name) => moduleId.endsWith(`/${name}.bench.ts`));
  return at < 0 ? STANDARD_ORDER.length : at;
}
