#!/usr/bin/env python3
"""Writes a home with a profile for each account of an embedded endpoint, and runs a command there as long as that serves.

  benches/targets.py [ACCOUNTS [JOBS_IN_ALL [LATENCY]]] -- COMMAND ARG...

as in: benches/targets.py 200 10000 50ms -- target/release/trailwatch --all-profiles
"""
import json, os, re, subprocess, sys, tempfile

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../target/release/trailwatch")


def main():
    split = sys.argv.index("--")
    accounts, jobs, latency = (sys.argv[1:split] + ["200", "10000", "50ms"][split - 1:])[:3]
    command = sys.argv[split + 1:]
    with tempfile.TemporaryDirectory() as home:
        bare = {"HOME": home, "PATH": os.environ["PATH"]}
        server = [PROGRAM, "emulator", "--accounts", accounts, "--jobs", jobs, "--latency", latency]
        with subprocess.Popen(server, stdout=subprocess.PIPE, text=True, env=bare) as emulator:
            try:
                found, profiles = {}, []
                while len(profiles) < int(accounts):
                    export = re.match(r"(?:# )?export (\w+)=(\S+)", emulator.stdout.readline())
                    if not export:
                        continue
                    name, value = export.groups()
                    found[name] = value
                    if name == "ALIBABA_CLOUD_ACCESS_KEY_SECRET":
                        profiles.append({
                            "name": f"account-{len(profiles) + 1}", "mode": "AK",
                            "access_key_id": found["ALIBABA_CLOUD_ACCESS_KEY_ID"], "access_key_secret": value,
                            "region_id": found["TRAILWATCH_REGION"],
                        })
                os.mkdir(f"{home}/.aliyun")
                with open(f"{home}/.aliyun/config.json", "w") as file:
                    json.dump({"current": "account-1", "profiles": profiles}, file)
                ours = {"HOME": home, "XDG_STATE_HOME": f"{home}/state", "TRAILWATCH_ENDPOINT": found["TRAILWATCH_ENDPOINT"]}
                sys.exit(subprocess.call(command, env={**os.environ, **ours}))
            finally:
                emulator.kill()


main()
