// @azure/arm-batch and @azure/batch, the latter with a key of the account, which is how it signs in.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BatchManagementClient } from "@azure/arm-batch";
import { BatchServiceClient, BatchSharedKeyCredentials } from "@azure/batch";
import { account, all, credential, group, subscription, until } from "./azure.mjs";

const POOL = "nodes-js";
const PROXY = new URL(process.env.HTTPS_PROXY);
const management = new BatchManagementClient(credential, subscription);
let batch;
let node;

const body = (nodes) => ({
  vmSize: "STANDARD_D2S_V5",
  deploymentConfiguration: {
    virtualMachineConfiguration: {
      imageReference: { publisher: "canonical", offer: "ubuntu-24_04-lts", sku: "server", version: "latest" },
      nodeAgentSkuId: "batch.node.ubuntu 24.04",
    },
  },
  scaleSettings: { fixedScale: { targetDedicatedNodes: nodes } },
  startTask: { commandLine: "/bin/sh -c 'echo started'", waitForSuccess: true },
  networkConfiguration: {
    endpointConfiguration: {
      inboundNatPools: [
        { name: "ssh", protocol: "TCP", backendPort: 22, frontendPortRangeStart: 20000, frontendPortRangeEnd: 20999 },
      ],
    },
  },
});

const states = async () => (await batch.computeNode.list(POOL)).map((one) => one.state);

before(async () => {
  const { accountEndpoint } = await management.batchAccountOperations.get(group, account);
  const { primary } = await management.batchAccountOperations.getKeys(group, account);
  const proxySettings = { host: `${PROXY.protocol}//${PROXY.hostname}`, port: Number(PROXY.port) };
  const key = new BatchSharedKeyCredentials(account, primary);
  batch = new BatchServiceClient(key, `https://${accountEndpoint}`, { proxySettings });
  await management.poolOperations.create(group, account, POOL, body(1));
  await until(states, (seen) => seen.join() === "idle");
  node = (await batch.computeNode.list(POOL))[0].id;
});

after(async () => {
  await management.poolOperations.beginDeleteAndWait(group, account, POOL);
});

test("an account from creation to deletion", async () => {
  const accounts = management.batchAccountOperations;
  const made = await accounts.beginCreateAndWait(group, "newjs", { location: "eastus" });
  assert.equal(made.accountEndpoint, "newjs.eastus.batch.azure.com");
  assert.ok((await all(accounts.list())).some((one) => one.name === "newjs"));
  const before = await accounts.getKeys(group, "newjs");
  const renewed = await accounts.regenerateKey(group, "newjs", { keyName: "Primary" });
  assert.notEqual(renewed.primary, before.primary);
  await accounts.beginDeleteAndWait(group, "newjs");
  await assert.rejects(accounts.get(group, "newjs"), { statusCode: 404 });
});

test("a pool behind Azure Resource Manager", async () => {
  const pools = management.poolOperations;
  const changed = await pools.update(group, account, POOL, { metadata: [{ name: "team", value: "render" }] });
  assert.equal(changed.metadata[0].value, "render");
  assert.ok((await all(pools.listByBatchAccount(group, account))).some((one) => one.name === POOL));
  const sizes = await all(management.location.listSupportedVirtualMachineSkus("westus2"));
  assert.ok(sizes.some((one) => one.name.toLowerCase() === "standard_d2s_v5"));
});

test("a pool is listed and resized", async () => {
  assert.ok((await batch.pool.list()).some((one) => one.id === POOL));
  await batch.pool.resize(POOL, { targetDedicatedNodes: 2 });
  await until(states, (seen) => seen.join() === "idle,idle");
  const counts = (await batch.account.listPoolNodeCounts()).find((one) => one.poolId === POOL);
  assert.equal(counts.dedicated.idle, 2);
  assert.ok((await batch.account.listSupportedImages()).length > 0);
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
});

test("a node is rebooted", async () => {
  await batch.computeNode.reboot(POOL, node);
  await until(states, (seen) => seen.every((state) => state === "idle"));
  assert.equal((await batch.computeNode.get(POOL, node)).state, "idle");
});

test("a job with a task", async () => {
  await batch.job.add({ id: "work-js", poolInfo: { poolId: POOL } });
  await batch.task.add("work-js", { id: "one", commandLine: "/bin/sh -c 'echo worked'" });
  const done = await until(
    () => batch.task.get("work-js", "one"),
    (task) => task.state === "completed",
  );
  assert.equal(done.executionInfo.exitCode, 0);
  assert.deepEqual((await batch.task.list("work-js")).map((one) => one.id), ["one"]);
  await batch.job.deleteMethod("work-js");
});
