// What the tests of Batch share: the account's clients, and the body of a pool.
// @azure/batch signs in with a key of the account, and must be told of the proxy.

import { BatchManagementClient } from "@azure/arm-batch";
import { BatchServiceClient, BatchSharedKeyCredentials } from "@azure/batch";
import { account, credential, group, subscription, until } from "./azure.mjs";

const PROXY = new URL(process.env.HTTPS_PROXY);

export const management = new BatchManagementClient(credential, subscription);

/** The client of the account that is there from the start. */
export async function connect() {
  const { accountEndpoint } = await management.batchAccountOperations.get(group, account);
  const { primary } = await management.batchAccountOperations.getKeys(group, account);
  const proxySettings = { host: `${PROXY.protocol}//${PROXY.hostname}`, port: Number(PROXY.port) };
  return new BatchServiceClient(new BatchSharedKeyCredentials(account, primary), `https://${accountEndpoint}`, {
    proxySettings,
  });
}

/** A pool whose nodes answer SSH, with these extensions. */
export function newPool(nodes, extensions = undefined) {
  const ssh = { name: "ssh", protocol: "TCP", backendPort: 22 };
  const ports = { frontendPortRangeStart: 20000, frontendPortRangeEnd: 20999 };
  return {
    vmSize: "STANDARD_D2S_V5",
    deploymentConfiguration: {
      virtualMachineConfiguration: {
        imageReference: { publisher: "canonical", offer: "ubuntu-24_04-lts", sku: "server", version: "latest" },
        nodeAgentSkuId: "batch.node.ubuntu 24.04",
        extensions,
      },
    },
    scaleSettings: { fixedScale: { targetDedicatedNodes: nodes } },
    startTask: { commandLine: "/bin/sh -c 'echo started'", waitForSuccess: true },
    networkConfiguration: { endpointConfiguration: { inboundNatPools: [{ ...ssh, ...ports }] } },
  };
}

/** Waits until a pool has so many nodes, all idle, and is not resizing. */
export async function steady(batch, pool, nodes) {
  const states = async () => (await batch.computeNode.list(pool)).map((one) => one.state);
  await until(states, (seen) => seen.length === nodes && seen.every((state) => state === "idle"));
  await until(
    () => batch.pool.get(pool),
    (found) => found.allocationState === "steady",
  );
}
