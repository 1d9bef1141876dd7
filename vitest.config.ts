import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['{bench,fixtures}/**/*.test.ts'], exclude: ['**/*.integration.test.ts'], benchmark: { include: [] } } },
    ],
  },
});
