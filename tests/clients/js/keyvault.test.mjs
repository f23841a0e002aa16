// @azure/arm-keyvault, @azure/keyvault-certificates and @azure/keyvault-secrets.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { KeyVaultManagementClient } from "@azure/arm-keyvault";
import { CertificateClient } from "@azure/keyvault-certificates";
import { SecretClient } from "@azure/keyvault-secrets";
import { all, credential, group, newVault, subscription, tenant } from "./azure.mjs";

const NAME = "kv-js-data";
const SOMEBODY = "aaaaaaaa-0000-4000-8000-000000000001";
const POLICY = {
  issuerName: "Self",
  subject: "CN=js.example.com",
  keyType: "EC",
  keyCurveName: "P-256",
  contentType: "application/x-pem-file",
  lifetimeActions: [{ action: "AutoRenew", daysBeforeExpiry: 30 }],
};

const vaults = new KeyVaultManagementClient(credential, subscription).vaults;
let certificates;
let secrets;

before(async () => {
  const vault = await vaults.beginCreateOrUpdateAndWait(group, NAME, newVault());
  certificates = new CertificateClient(vault.properties.vaultUri, credential);
  secrets = new SecretClient(vault.properties.vaultUri, credential);
});

after(async () => {
  await vaults.delete(group, NAME);
  await vaults.beginPurgeDeletedAndWait(NAME, "westus2");
});

const create = async (name) => (await certificates.beginCreateCertificate(name, POLICY)).pollUntilDone();

test("a vault, its access policies, its deletion and recovery", async () => {
  const name = "kv-js-policies";
  await vaults.beginCreateOrUpdateAndWait(
    group,
    name,
    newVault({ enableRbacAuthorization: false, accessPolicies: [] }),
  );
  const entry = { tenantId: tenant, objectId: SOMEBODY, permissions: { secrets: ["get", "list"] } };
  await vaults.updateAccessPolicy(group, name, "add", { properties: { accessPolicies: [entry] } });
  const held = (await vaults.get(group, name)).properties.accessPolicies;
  assert.deepEqual(held.map((one) => [one.objectId, one.permissions.secrets]), [[SOMEBODY, ["get", "list"]]]);
  assert.equal((await vaults.update(group, name, { tags: { team: "render" } })).tags.team, "render");
  assert.ok((await all(vaults.listByResourceGroup(group))).some((one) => one.name === name));
  await vaults.delete(group, name);
  assert.ok((await all(vaults.listDeleted())).some((one) => one.name === name));
  await vaults.beginCreateOrUpdateAndWait(group, name, newVault({ createMode: "recover" }));
  await vaults.delete(group, name);
  await vaults.beginPurgeDeletedAndWait(name, "westus2");
  await assert.rejects(vaults.getDeleted(name, "westus2"), { statusCode: 404 });
});

test("a certificate from creation to purge", async () => {
  const made = await create("web");
  assert.equal(made.policy.lifetimeActions[0].daysBeforeExpiry, 30);
  await certificates.updateCertificateProperties("web", made.properties.version, { tags: { team: "render" } });
  const read = await certificates.getCertificate("web");
  assert.deepEqual(read.properties.tags, { team: "render" });
  await create("web");
  assert.equal((await all(certificates.listPropertiesOfCertificateVersions("web"))).length, 2);
  await (await certificates.beginDeleteCertificate("web")).pollUntilDone();
  await assert.rejects(create("web"), { statusCode: 409 });
  await (await certificates.beginRecoverDeletedCertificate("web")).pollUntilDone();
  await (await certificates.beginDeleteCertificate("web")).pollUntilDone();
  await certificates.purgeDeletedCertificate("web");
  await assert.rejects(certificates.getDeletedCertificate("web"), { statusCode: 404 });
});

test("the policy is changed; a backup is restored", async () => {
  const made = await create("kept");
  await certificates.updateCertificatePolicy("kept", {
    ...POLICY,
    lifetimeActions: [{ action: "AutoRenew", lifetimePercentage: 75 }],
  });
  const policy = await certificates.getCertificatePolicy("kept");
  assert.equal(policy.lifetimeActions[0].lifetimePercentage, 75);
  const backup = await certificates.backupCertificate("kept");
  await (await certificates.beginDeleteCertificate("kept")).pollUntilDone();
  await certificates.purgeDeletedCertificate("kept");
  const restored = await certificates.restoreCertificateBackup(backup);
  assert.deepEqual(restored.cer, made.cer);
});

test("issuers and contacts", async () => {
  await certificates.createIssuer("ca", "DigiCert", { accountId: "ours", password: "hidden" });
  const issuer = await certificates.getIssuer("ca");
  assert.deepEqual([issuer.provider, issuer.accountId, issuer.password], ["DigiCert", "ours", undefined]);
  assert.equal((await all(certificates.listPropertiesOfIssuers())).length, 1);
  await certificates.deleteIssuer("ca");
  await certificates.setContacts([{ email: "ada@example.com", name: "Ada" }]);
  assert.deepEqual((await certificates.getContacts()).map((one) => one.email), ["ada@example.com"]);
  await certificates.deleteContacts();
  await assert.rejects(certificates.getContacts(), { statusCode: 404 });
});

test("the secret of a certificate; what is downloaded is imported again", async () => {
  const made = await create("secret");
  const secret = await secrets.getSecret("secret");
  assert.equal(secret.properties.version, made.properties.version);
  assert.match(secret.value, /BEGIN PRIVATE KEY/);
  const listed = await all(secrets.listPropertiesOfSecrets());
  assert.ok(listed.some((one) => one.name === "secret" && one.managed));
  const imported = await certificates.importCertificate("copy", Buffer.from(secret.value), {
    policy: { issuerName: "Unknown", contentType: "application/x-pem-file" },
  });
  assert.deepEqual(imported.cer, made.cer);
  await certificates.updateCertificateProperties("secret", made.properties.version, { enabled: false });
  await assert.rejects(secrets.getSecret("secret"), { statusCode: 403 });
});

test("a creation of an unknown issuer is cancelled", async () => {
  await certificates.beginCreateCertificate("manual", { ...POLICY, issuerName: "Unknown", lifetimeActions: [] });
  const poller = await certificates.getCertificateOperation("manual");
  const { certificateOperation } = poller.getOperationState();
  assert.equal(certificateOperation.status, "inProgress");
  await poller.cancelOperation();
  await certificates.deleteCertificateOperation("manual");
});
