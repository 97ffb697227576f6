#!/usr/bin/env python3
"""How fast `trailwatch list` is beside the vendor's Python SDK, in one run, against the same endpoint.

    pip install alibabacloud_actiontrail20200706
    cargo build --release
    benches/vendor_sdk.py [--jobs 10000] [--latency 50ms] [--runs 5] [--trailwatch target/release/trailwatch]

The SDK reads all pages once, one after the other. Trailwatch reads them twice, since it only calls a list whole when two
reads agree. Both are measured as a shell sees them, from start to exit; of the SDK also the reading alone, without
Python's start and imports, and this is what the ratio is of. Ends with 1 where Trailwatch is not 5 times faster.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time


def sdk():
    """Reads all jobs with the SDK, page after page; prints how long that took and how many there were."""
    from alibabacloud_actiontrail20200706.client import Client
    from alibabacloud_actiontrail20200706.models import ListDeliveryHistoryJobsRequest
    from alibabacloud_tea_openapi.models import Config

    protocol, _, endpoint = os.environ["TRAILWATCH_ENDPOINT"].partition("://")
    client = Client(Config(
        access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        region_id=os.environ["TRAILWATCH_REGION"],
        endpoint=endpoint,
        protocol=protocol,
    ))
    begun, ids, page = time.monotonic(), set(), 1
    while True:
        body = client.list_delivery_history_jobs(ListDeliveryHistoryJobsRequest(page_number=page, page_size=100)).body
        ids.update(job.job_id for job in body.delivery_history_jobs)
        if page * 100 >= body.total_count:
            break
        page += 1
    print(json.dumps({"seconds": time.monotonic() - begun, "jobs": len(ids)}))


def measured(command, environment):
    """Output, seconds from start to exit, seconds of CPU, MiB resident at most."""
    begun = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return out, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def exports(emulator):
    """What the emulator's first lines set."""
    environment = dict(os.environ)
    for line in emulator.stdout:
        if line.startswith("export "):
            name, _, value = line.removeprefix("export ").strip().partition("=")
            environment[name] = value
        if line.startswith("export ALIBABA_CLOUD_ACCESS_KEY_SECRET"):
            return environment
    sys.exit("the emulator did not start")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--jobs", type=int, default=10_000)
    arguments.add_argument("--latency", default="50ms", help="of every call")
    arguments.add_argument("--runs", type=int, default=5, help="of each, in turns; medians are printed")
    arguments.add_argument("--trailwatch", default="target/release/trailwatch")
    arguments.add_argument("--sdk", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.sdk:
        return sdk()

    emulator = subprocess.Popen(
        [given.trailwatch, "emulator", "--jobs", str(given.jobs), "--latency", given.latency, "--quota", "1000"],
        stdout=subprocess.PIPE, text=True,
    )
    try:
        environment = exports(emulator)
        runs = {"sdk": [], "sdk_reading": [], "trailwatch": []}
        for _ in range(given.runs):
            out, *figures = measured([sys.executable, __file__, "--sdk"], environment)
            read = json.loads(out)
            runs["sdk"].append(figures)
            runs["sdk_reading"].append([read["seconds"]])
            out, *figures = measured([given.trailwatch, "list", "--max-qps", "1000", "-o", "id"], environment)
            runs["trailwatch"].append(figures)
            found = (read["jobs"], len(set(out.split())))
            if found != (given.jobs, given.jobs):
                sys.exit(f"of {given.jobs} jobs the SDK found {found[0]} and trailwatch {found[1]}")
    finally:
        emulator.terminate()
        emulator.wait()

    median = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in runs.items()}
    print(f"{given.jobs} jobs, {given.latency} a call, medians of {given.runs} runs in turns")
    for name, words in (("sdk", "the vendor's SDK, one read"), ("trailwatch", "trailwatch list, two reads")):
        seconds, cpu, mebibytes = median[name]
        print(f"{words:<28} {seconds:6.3f} s from start to exit, {cpu:5.3f} s of CPU, {mebibytes:5.1f} MiB at most")
    reading, ours = median["sdk_reading"][0], median["trailwatch"][0]
    print(f"{'of the SDK the reading alone':<28} {reading:6.3f} s")
    print(f"trailwatch is {reading / ours:.1f} times faster than the reading, {median['sdk'][0] / ours:.1f} times than the whole")
    sys.exit(reading / ours < 5)


if __name__ == "__main__":
    main()
