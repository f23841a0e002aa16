// @azure/batch: nodes, their users, files and extensions.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { KeyVaultManagementClient } from "@azure/arm-keyvault";
import { ManagedServiceIdentityClient } from "@azure/arm-msi";
import { CertificateClient } from "@azure/keyvault-certificates";
import { account, all, credential, group, newVault, subscription, tenant } from "./azure.mjs";
import { connect, management, newPool, steady } from "./batch.mjs";

const POOL = "nodes-js";
const VAULT = "kv-js-nodes";
let batch;
let node;

/** The Key Vault extension, for a certificate that the identity may read. */
async function extension(identity) {
  const permissions = { secrets: ["get"] };
  const policies = { certificates: ["create", "get"], secrets: ["get"] };
  const { oid } = JSON.parse(
    Buffer.from((await credential.getToken("https://vault.azure.net/.default")).token.split(".")[1], "base64url"),
  );
  const vaults = new KeyVaultManagementClient(credential, subscription).vaults;
  const vault = await vaults.beginCreateOrUpdateAndWait(
    group,
    VAULT,
    newVault({
      enableRbacAuthorization: false,
      accessPolicies: [
        { tenantId: tenant, objectId: identity.principalId, permissions },
        { tenantId: tenant, objectId: oid, permissions: policies },
      ],
    }),
  );
  const certificates = new CertificateClient(vault.properties.vaultUri, credential);
  const policy = { issuerName: "Self", subject: "CN=node.example.com", keyType: "EC", keyCurveName: "P-256" };
  await (await certificates.beginCreateCertificate("node", policy)).pollUntilDone();
  const observed = { url: `${vault.properties.vaultUri}secrets/node`, certificateStoreLocation: "/var/lib/store" };
  return {
    name: "certificates",
    publisher: "Microsoft.Azure.KeyVault",
    type: "KeyVaultForLinux",
    typeHandlerVersion: "3.0",
    autoUpgradeMinorVersion: true,
    settings: {
      secretsManagementSettings: { pollingIntervalInS: "3600", observedCertificates: [observed] },
      authenticationSettings: { msiClientId: identity.clientId },
    },
  };
}

before(async () => {
  batch = await connect();
  const identities = new ManagedServiceIdentityClient(credential, subscription).userAssignedIdentities;
  const identity = await identities.createOrUpdate(group, "reader-js", { location: "westus2" });
  const body = newPool(1, [await extension(identity)]);
  body.identity = { type: "UserAssigned", userAssignedIdentities: { [identity.id]: {} } };
  await management.poolOperations.create(group, account, POOL, body);
  await steady(batch, POOL, 1);
  node = (await batch.computeNode.list(POOL))[0].id;
});

after(() => management.poolOperations.beginDeleteAndWait(group, account, POOL));

test("a node and its extension", async () => {
  const found = await batch.computeNode.get(POOL, node);
  assert.deepEqual([found.id, found.state, found.startTaskInfo.exitCode], [node, "idle", 0]);
  const [listed] = await batch.computeNodeExtension.list(POOL, node);
  assert.equal(listed.vmExtension.type, "KeyVaultForLinux");
  const again = await batch.computeNodeExtension.get(POOL, node, listed.vmExtension.name);
  assert.equal(again.provisioningState, listed.provisioningState);
});

test("a user of a node, and where it logs in", async () => {
  await batch.computeNode.addUser(POOL, node, { name: "ada", isAdmin: true, password: "Secret-1234" });
  await batch.computeNode.updateUser(POOL, node, "ada", { password: "Secret-5678" });
  const login = await batch.computeNode.getRemoteLoginSettings(POOL, node);
  assert.equal(login.remoteLoginIPAddress, "127.0.0.1");
  await batch.computeNode.deleteUser(POOL, node, "ada");
  await assert.rejects(batch.computeNode.deleteUser(POOL, node, "ada"), { statusCode: 404 });
});

test("files of a node", async () => {
  const options = { recursive: true };
  const names = (await batch.file.listFromComputeNode(POOL, node, options)).map((one) => one.name);
  assert.ok(names.includes("startup/stdout.txt"));
  const file = await batch.file.getFromComputeNode(POOL, node, "startup/stdout.txt");
  const parts = await all(file.readableStreamBody);
  assert.equal(Buffer.concat(parts.map((part) => Buffer.from(part))).toString(), "started\n");
  const described = await batch.file.getPropertiesFromComputeNode(POOL, node, "startup/stdout.txt");
  assert.equal(described.contentLength, "started\n".length);
  await batch.file.deleteFromComputeNode(POOL, node, "startup/stdout.txt");
  const gone = batch.file.getPropertiesFromComputeNode(POOL, node, "startup/stdout.txt");
  await assert.rejects(gone, { statusCode: 404 });
});

test("scheduling is switched off and on", async () => {
  await batch.computeNode.disableScheduling(POOL, node);
  assert.equal((await batch.computeNode.get(POOL, node)).schedulingState, "disabled");
  await batch.computeNode.enableScheduling(POOL, node);
  assert.equal((await batch.computeNode.get(POOL, node)).schedulingState, "enabled");
});

for (const operation of ["reboot", "reimage"]) {
  test(`a node starts anew: ${operation}`, async () => {
    const before = (await batch.computeNode.get(POOL, node)).stateTransitionTime;
    await batch.computeNode[operation](POOL, node);
    await steady(batch, POOL, 1);
    assert.ok((await batch.computeNode.get(POOL, node)).stateTransitionTime > before);
  });
}
