// @azure/identity: every way to sign in that needs no person.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ClientCertificateCredential,
  ClientSecretCredential,
  EnvironmentCredential,
  ManagedIdentityCredential,
  WorkloadIdentityCredential,
} from "@azure/identity";
import { ManagedServiceIdentityClient } from "@azure/arm-msi";
import { claims, clientId, credential, group, secret, subscription, tenant } from "./azure.mjs";

const SCOPE = "https://management.azure.com/.default";
const who = async (any) => claims((await any.getToken(SCOPE)).token);

test("client secret, and a wrong one in Entra's words", async () => {
  assert.equal((await who(new ClientSecretCredential(tenant, clientId, secret))).appid, clientId);
  await assert.rejects(who(new ClientSecretCredential(tenant, clientId, "wrong")), /AADSTS7000215/);
});

test("client certificate", async () => {
  const file = process.env.AZURE_CLIENT_CERTIFICATE_PATH;
  assert.equal((await who(new ClientCertificateCredential(tenant, clientId, file))).appid, clientId);
});

test("the environment", async () => {
  assert.equal((await who(new EnvironmentCredential())).appid, clientId);
});

test("workload identity", async () => {
  assert.equal((await who(new WorkloadIdentityCredential())).appid, clientId);
});

// Where a cluster's token is at hand, ManagedIdentityCredential exchanges it; on a machine there is none.
test("managed identity of the machine", async () => {
  delete process.env.AZURE_FEDERATED_TOKEN_FILE;
  assert.match((await who(new ManagedIdentityCredential())).xms_mirid, /\/virtualMachines\//);
});

test("managed identity by client id, resource id and object id", async () => {
  const identities = new ManagedServiceIdentityClient(credential, subscription).userAssignedIdentities;
  const made = await identities.createOrUpdate(group, "signs-in-js", { location: "westus2" });
  for (const named of [{ clientId: made.clientId }, { resourceId: made.id }, { objectId: made.principalId }]) {
    assert.equal((await who(new ManagedIdentityCredential(named))).appid, made.clientId, Object.keys(named)[0]);
  }
  await identities.delete(group, "signs-in-js");
});
