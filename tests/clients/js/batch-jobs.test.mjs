// @azure/batch: jobs, tasks, and the files of tasks.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { account, all, group, until } from "./azure.mjs";
import { connect, management, newPool, steady } from "./batch.mjs";

const POOL = "jobs-js";
const JOB = "work-js";
let batch;

before(async () => {
  batch = await connect();
  await management.poolOperations.create(group, account, POOL, newPool(1));
  await steady(batch, POOL, 1);
});

after(() => management.poolOperations.beginDeleteAndWait(group, account, POOL));

beforeEach(() =>
  batch.job.add({
    id: JOB,
    poolInfo: { poolId: POOL },
    jobPreparationTask: { commandLine: "/bin/sh -c 'echo prepared'" },
    jobReleaseTask: { commandLine: "/bin/sh -c 'echo released'" },
  }),
);

afterEach(async () => {
  await batch.job.deleteMethod(JOB);
  await until(
    () => batch.job.list(),
    (jobs) => jobs.length === 0,
  );
});

const completed = (task) =>
  until(
    () => batch.task.get(JOB, task),
    (found) => found.state === "completed",
  );

async function run(id, command) {
  await batch.task.add(JOB, { id, commandLine: `/bin/sh -c '${command}'` });
  return completed(id);
}

test("tasks that succeed and fail", async () => {
  assert.equal((await run("good", "echo worked")).executionInfo.exitCode, 0);
  const bad = await run("bad", "exit 3");
  assert.deepEqual([bad.executionInfo.exitCode, bad.executionInfo.result], [3, "failure"]);
  const { taskCounts } = await batch.job.getTaskCounts(JOB);
  assert.deepEqual([taskCounts.succeeded, taskCounts.failed], [1, 1]);
  assert.deepEqual((await batch.task.list(JOB)).map((one) => one.id).sort(), ["bad", "good"]);
});

test("files of a task", async () => {
  await run("one", "echo worked");
  assert.ok((await batch.file.listFromTask(JOB, "one")).some((one) => one.name === "stdout.txt"));
  const parts = await all((await batch.file.getFromTask(JOB, "one", "stdout.txt")).readableStreamBody);
  assert.equal(Buffer.concat(parts.map((part) => Buffer.from(part))).toString(), "worked\n");
  await batch.file.deleteFromTask(JOB, "one", "stdout.txt");
  await assert.rejects(batch.file.getPropertiesFromTask(JOB, "one", "stdout.txt"), { statusCode: 404 });
});

test("several tasks at once; one is ended, one tried again", async () => {
  const tasks = [
    { id: "bad", commandLine: "/bin/sh -c 'exit 3'" },
    { id: "long", commandLine: "/bin/sleep 600" },
  ];
  const made = await batch.task.addCollection(JOB, tasks);
  assert.deepEqual(made.value.map((one) => one.status), ["success", "success"]);
  await completed("bad");
  await batch.task.reactivate(JOB, "bad");
  await batch.task.update(JOB, "long", { constraints: { maxTaskRetryCount: 2 } });
  await batch.task.terminate(JOB, "long");
  assert.equal((await completed("long")).constraints.maxTaskRetryCount, 2);
  assert.equal((await completed("bad")).executionInfo.exitCode, 3);
  await batch.task.deleteMethod(JOB, "bad");
  assert.deepEqual((await batch.task.list(JOB)).map((one) => one.id), ["long"]);
});

test("a job is changed, disabled, enabled, and ends", async () => {
  await batch.job.patch(JOB, { priority: 10, metadata: [{ name: "team", value: "render" }] });
  const changed = await batch.job.get(JOB);
  assert.deepEqual([changed.priority, changed.metadata[0].value], [10, "render"]);
  await batch.job.update(JOB, { poolInfo: { poolId: POOL } });
  assert.equal((await batch.job.get(JOB)).priority, 0);
  await batch.job.disable(JOB, "requeue");
  await batch.task.add(JOB, { id: "waits", commandLine: "/bin/true" });
  assert.equal((await batch.task.get(JOB, "waits")).state, "active");
  await batch.job.enable(JOB);
  assert.equal((await completed("waits")).executionInfo.exitCode, 0);
  await batch.job.terminate(JOB);
  await until(
    () => batch.job.get(JOB),
    (job) => job.state === "completed",
  );
  const [status] = await batch.job.listPreparationAndReleaseTaskStatus(JOB);
  const { jobPreparationTaskExecutionInfo: prepared, jobReleaseTaskExecutionInfo: released } = status;
  assert.deepEqual([prepared.exitCode, released.exitCode], [0, 0]);
});
