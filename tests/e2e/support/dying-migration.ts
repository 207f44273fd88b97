/**
 * A newer Throughline that is killed while it brings a project up to date: node dying-migration.ts <project> [survive].
 * With `survive` the same update goes through.
 */
import { openDatabase } from '../../../src/main/persistence/open-database.ts';
import { projectHistory } from '../../../src/main/persistence/project-file-schema.ts';

const [file = '', survive] = process.argv.slice(2);
const { db } = await openDatabase(file, {
  ...projectHistory,
  migrations: [
    ...projectHistory.migrations,
    {
      what: 'a step of a later version',
      up: (database) => {
        database.exec("CREATE TABLE later (value TEXT) STRICT; UPDATE document SET data = 'half written';");
        if (!survive) process.kill(process.pid, 'SIGKILL');
      },
    },
  ],
});
db.close();
