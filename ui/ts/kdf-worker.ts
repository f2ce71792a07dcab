// The worker that runs Argon2id. Its own policy lets it compile WebAssembly and
// nothing else: it reaches no network and no page.
import { argon2id } from "hash-wasm";
import type { Job, Reply } from "./kdf.ts";

const reply = (r: Reply) => postMessage(r);

addEventListener("message", async (e: MessageEvent<Job>) => {
  const { password, salt, a, b, c } = e.data;
  try {
    const key = await argon2id({ password, salt, memorySize: a, iterations: b, parallelism: c, hashLength: 32, outputType: "binary" });
    reply(new Uint8Array(key));
  } catch {
    reply(null);
  }
});

reply("ready");
