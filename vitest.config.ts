import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { benchFiles } from './bench/modes.ts';
import { BenchSequencer } from './bench/sequencer.ts';
import { PerfReporter } from './bench/report/reporter.ts';
import { resolveSettings, SettingsError, type Settings } from './bench/settings.ts';

const DAY_MS = 86_400_000;
const measuring = process.argv.includes('bench');

export default defineConfig({
  test: {
    watch: false,
    // Vitest's own summary window would be drawn over our live line.
    reporters: measuring ? [['default', { summary: false }], new PerfReporter({ print: true })] : ['default'],
    sequence: { sequencer: BenchSequencer },
    projects: measuring ? passes(settingsOrExit()) : [unitTests(), integrationTests()],
  },
});

/** One project a pass: Vitest runs a file once a project, and they all share the world that the first set up. */
function passes(settings: Settings): TestProjectInlineConfiguration[] {
  return Array.from({ length: settings.repeats }, (_, index) => ({
    test: {
      name: index === 0 ? 'litellm' : `litellm pass ${index + 1}`,
      globalSetup: './global-setup.ts',
      include: [],
      pool: 'forks',
      // One worker for all files: a load that two of them share is sent once, and JavaScript is compiled once.
      isolate: false,
      testTimeout: DAY_MS,
      hookTimeout: DAY_MS,
      teardownTimeout: 30_000,
      provide: { pass: index + 1, settings },
      benchmark: { include: benchFiles(settings), provider: './bench/provider.ts' },
    },
  }));
}

function unitTests(): TestProjectInlineConfiguration {
  return {
    test: {
      name: 'unit',
      include: ['{bench,fixtures}/**/*.test.ts'],
      exclude: [...configDefaults.exclude, '**/*.integration.test.ts'],
      benchmark: { include: [] },
    },
  };
}

/** Each starts a whole run with the real LiteLLM, so they take their time, and turns. */
function integrationTests(): TestProjectInlineConfiguration {
  return {
    test: {
      name: 'integration',
      include: ['{bench,fixtures}/**/*.integration.test.ts'],
      testTimeout: 600_000,
      hookTimeout: 600_000,
      fileParallelism: false,
      sequence: { groupOrder: 1 },
      benchmark: { include: [] },
    },
  };
}

function settingsOrExit(): Settings {
  try {
    return resolveSettings(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.error(`litellm-perf: ${error.message}`);
    process.exit(2);
  }
}
