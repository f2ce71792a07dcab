// The public page: whoever shares here is known to this device alone.
import { start } from "./create/page.ts";
import { addRecent, deleteRecent, setUpRecent, showRecent } from "./create/recent.ts";

if (start({ keep: { add: addRecent, remove: deleteRecent, show: showRecent } })) setUpRecent();
