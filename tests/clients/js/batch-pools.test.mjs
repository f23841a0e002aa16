// @azure/arm-batch, and the pools of @azure/batch.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { account, all, group } from "./azure.mjs";
import { connect, management, newPool, steady } from "./batch.mjs";

const POOL = "pools-js";
let batch;

before(async () => {
  batch = await connect();
  await management.poolOperations.create(group, account, POOL, newPool(1));
  await steady(batch, POOL, 1);
});

after(() => management.poolOperations.beginDeleteAndWait(group, account, POOL));

test("an account from creation to deletion", async () => {
  const accounts = management.batchAccountOperations;
  const made = await accounts.beginCreateAndWait(group, "newjs", { location: "eastus" });
  assert.equal(made.accountEndpoint, "newjs.eastus.batch.azure.com");
  assert.ok((await all(accounts.list())).some((one) => one.name === "newjs"));
  assert.deepEqual((await accounts.update(group, "newjs", { tags: { team: "render" } })).tags, { team: "render" });
  const before = await accounts.getKeys(group, "newjs");
  const renewed = await accounts.regenerateKey(group, "newjs", { keyName: "Primary" });
  assert.notEqual(renewed.primary, before.primary);
  await accounts.beginDeleteAndWait(group, "newjs");
  await assert.rejects(accounts.get(group, "newjs"), { statusCode: 404 });
});

test("what a region offers", async () => {
  assert.ok((await management.location.getQuotas("westus2")).accountQuota > 0);
  const asked = { name: account, type: "Microsoft.Batch/batchAccounts" };
  const taken = await management.location.checkNameAvailability("westus2", asked);
  assert.deepEqual([taken.nameAvailable, taken.reason], [false, "AlreadyExists"]);
  const sizes = await all(management.location.listSupportedVirtualMachineSkus("westus2"));
  assert.ok(sizes.some((one) => one.name.toLowerCase() === "standard_d2s_v5"));
});

test("a pool behind Azure Resource Manager", async () => {
  const pools = management.poolOperations;
  const changed = await pools.update(group, account, POOL, { metadata: [{ name: "team", value: "render" }] });
  assert.equal(changed.metadata[0].value, "render");
  assert.ok((await all(pools.listByBatchAccount(group, account))).some((one) => one.name === POOL));
});

test("a pool of the account itself, changed and replaced", async () => {
  const image = { publisher: "canonical", offer: "ubuntu-24_04-lts", sku: "server" };
  await batch.pool.add({
    id: "own-js",
    vmSize: "STANDARD_D2S_V5",
    virtualMachineConfiguration: { imageReference: image, nodeAgentSKUId: "batch.node.ubuntu 24.04" },
    targetDedicatedNodes: 0,
    startTask: { commandLine: "/bin/true" },
  });
  await batch.pool.patch("own-js", { metadata: [{ name: "team", value: "render" }] });
  const changed = await batch.pool.get("own-js");
  assert.deepEqual([changed.metadata[0].value, changed.startTask.commandLine], ["render", "/bin/true"]);
  const nothing = { metadata: [], certificateReferences: [], applicationPackageReferences: [] };
  await batch.pool.updateProperties("own-js", nothing);
  const replaced = await batch.pool.get("own-js");
  assert.deepEqual([replaced.metadata ?? [], replaced.startTask], [[], undefined]);
  await batch.pool.enableAutoScale("own-js", { autoScaleFormula: "$TargetDedicatedNodes = 0;" });
  const run = await batch.pool.evaluateAutoScale("own-js", "$TargetDedicatedNodes = 3;");
  assert.match(run.results, /\$TargetDedicatedNodes=3/);
  await batch.pool.disableAutoScale("own-js");
  await batch.pool.deleteMethod("own-js");
});

test("a pool is listed and resized, and a node of it removed; no resize is left to stop", async () => {
  assert.ok((await batch.pool.list()).some((one) => one.id === POOL));
  const idle = async () => (await batch.account.listPoolNodeCounts()).find((one) => one.poolId === POOL).dedicated.idle;
  await batch.pool.resize(POOL, { targetDedicatedNodes: 2 });
  await steady(batch, POOL, 2);
  assert.equal(await idle(), 2);
  const [, leaving] = await batch.computeNode.list(POOL);
  await batch.pool.removeNodes(POOL, { nodeList: [leaving.id] });
  await steady(batch, POOL, 1);
  assert.equal(await idle(), 1);
  await assert.rejects(batch.pool.stopResize(POOL), { statusCode: 409, code: "OperationInvalidForCurrentState" });
});

test("supported images", async () => {
  const images = await batch.account.listSupportedImages();
  assert.ok(images.some((one) => one.nodeAgentSKUId === "batch.node.ubuntu 24.04"));
});
