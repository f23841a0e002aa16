// What the tests share: the environment that `local-azure env` prints, and clients made from it alone.
// The SDKs find the proxy by HTTPS_PROXY, and Node finds the CA by NODE_EXTRA_CA_CERTS.

import { EnvironmentCredential } from "@azure/identity";

const required = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this by \`make clients\``);
  return value;
};

export const tenant = required("AZURE_TENANT_ID");
export const clientId = required("AZURE_CLIENT_ID");
export const secret = required("AZURE_CLIENT_SECRET");
export const subscription = required("AZURE_SUBSCRIPTION_ID");
export const group = required("AZURE_RESOURCE_GROUP");
export const account = required("AZURE_BATCH_ACCOUNT");

export const credential = new EnvironmentCredential();

/** Everything that a paged list gives. */
export async function all(pages) {
  const found = [];
  for await (const item of pages) found.push(item);
  return found;
}

/** Ask again and again, for a minute, until the answer holds. */
export async function until(ask, holds) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`it did not come to pass in time: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What a token says. */
export function claims(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
}

/** The body of a vault with the shortest retention. */
export function newVault(properties = {}) {
  return {
    location: "westus2",
    properties: {
      tenantId: tenant,
      sku: { family: "A", name: "standard" },
      softDeleteRetentionInDays: 7,
      ...properties,
    },
  };
}
