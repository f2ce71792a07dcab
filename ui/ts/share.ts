// The share form of who has signed in: the public page's, with a name, and held
// to the rules of the organization that they work in.
import { deleteSecret, me, type Organization, Problem } from "./api.ts";
import { type Addition, holdTo, showSentence } from "./create/form.ts";
import { start } from "./create/page.ts";
import { el, setError } from "./dom.ts";
import { say, type Values } from "./say.ts";

const name = el<HTMLInputElement>("name");
const members = el<HTMLInputElement>("members");

const maxSeconds = Number(document.documentElement.dataset["max"]);

let organization: Organization | null | undefined; // undefined: not known, and left to the server

/** What the form has more than the public one. */
function addition(): Addition {
  const only = Boolean(organization) && members.checked;
  return {
    fields: { name: name.value.trim() || undefined, organization: organization && organization.id, organization_only: only },
    gates: only ? ["organization"] : [],
    who: only ? say("share.js.who", { organization: organization?.name ?? "" }) : "",
  };
}

/** Asks who shares here, and in which organization. */
async function meet(): Promise<void> {
  try {
    const known = await me();
    organization = known.organization ?? null;
    el("who").textContent = known.name || known.email;
    el("account").ariaLabel = say("share.js.account", { name: known.name || known.email });
  } catch (e) {
    if (e instanceof Problem && e.status === 401) return signIn();
    return setError("problem", say("share.js.unknown_rules"));
  }
  if (organization) obey(organization);
}

/** Nothing is typed yet when this page begins, so nothing is lost. */
function signIn(): void {
  location.replace(`${document.documentElement.dataset["base"]}/signin?next=/secrets/new`);
}

/** Holds the form to the rules of an organization, and says whose they are. */
function obey({ name: by, policy }: Organization): void {
  const values = { organization: by };
  const { max_lifetime: seconds, max_views: views } = policy;
  if (seconds !== null && seconds < maxSeconds) holdTo({ seconds, late: (until) => say("share.js.until_late", { until, ...values }) });
  if (views !== null) holdTo({ views, many: say("share.js.views_many", { n: views, ...values }) });
  if (policy.password_required) holdTo({ missing: say("share.js.password_missing", values) });
  el("members-label").textContent = say("share.js.members", values);
  if (!policy.sharing_outside) members.defaultChecked = members.disabled = true; // the default comes back with a new form
  el("members-field").hidden = false;
  showRule("expires-rule", seconds !== null, values);
  showRule("views-rule", views !== null, values);
  showRule("password-rule", policy.password_required, values);
  el("members-rule").textContent = say(policy.sharing_outside ? "share.js.members_hint" : "share.js.rule", values);
  el("lead").textContent = say("share.js.lead", values);
  showSentence();
}

function showRule(id: string, binds: boolean, values: Values): void {
  el(id).hidden = !binds;
  el(id).textContent = say("share.js.rule", values);
}

/** What was shared is found again in the list of secrets, not on this device. */
const keep = {
  add: () => {},
  show: () => {},
  remove: async (id: string, token: string) => {
    try {
      await deleteSecret(id, token);
    } catch (e) {
      if (!(e instanceof Problem && e.status === 404)) return say("recent.js.delete_failed");
    }
    return null;
  },
};

if (start({ addition, keep })) {
  members.addEventListener("change", showSentence);
  void meet();
}
