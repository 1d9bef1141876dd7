import { PerfReporter } from './reporter.ts';

/** Added where the user chose other reporters, which replace the list of the config: the files are written all the same. */
export default class FilesOnlyReporter extends PerfReporter {
  constructor() {
    super({ print: false });
  }
}
