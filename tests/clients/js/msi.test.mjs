// @azure/arm-msi: identities and their federated credentials.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ManagedServiceIdentityClient } from "@azure/arm-msi";
import { all, credential, group, subscription } from "./azure.mjs";

const msi = new ManagedServiceIdentityClient(credential, subscription);

test("an identity from creation to deletion", async () => {
  const identities = msi.userAssignedIdentities;
  const made = await identities.createOrUpdate(group, "mine-js", { location: "westus2", tags: { team: "render" } });
  const changed = await identities.update(group, "mine-js", { tags: { team: "light" } });
  assert.deepEqual([changed.principalId, changed.tags], [made.principalId, { team: "light" }]);
  for (const listed of [identities.listByResourceGroup(group), identities.listBySubscription()]) {
    assert.ok((await all(listed)).some((one) => one.id === made.id));
  }
  await identities.delete(group, "mine-js");
  await assert.rejects(identities.get(group, "mine-js"), { statusCode: 404, code: "ResourceNotFound" });
});

test("federated credentials", async () => {
  await msi.userAssignedIdentities.createOrUpdate(group, "trusting-js", { location: "westus2" });
  const credentials = msi.federatedIdentityCredentials;
  const trust = {
    issuer: "https://oidc.example.com/js",
    subject: "system:serviceaccount:farm:render",
    audiences: ["api://AzureADTokenExchange"],
  };
  const made = await credentials.createOrUpdate(group, "trusting-js", "cluster", trust);
  assert.equal(made.subject, trust.subject);
  assert.deepEqual((await all(credentials.list(group, "trusting-js"))).map((one) => one.name), ["cluster"]);
  assert.equal((await credentials.get(group, "trusting-js", "cluster")).issuer, trust.issuer);
  await credentials.delete(group, "trusting-js", "cluster");
  await msi.userAssignedIdentities.delete(group, "trusting-js");
});

test("the machine's own identity, and the operations", async () => {
  const machine = `subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/workstation`;
  assert.equal((await msi.systemAssignedIdentities.getByScope(machine)).name, "default");
  const names = (await all(msi.operations.list())).map((one) => one.name);
  assert.ok(names.includes("Microsoft.ManagedIdentity/userAssignedIdentities/read"));
});
