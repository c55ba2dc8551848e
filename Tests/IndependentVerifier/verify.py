#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges headers by the published rules alone.

  verify.py itself                      that this verifier refuses what it must, on chains it forges
  verify.py real DIR                    recorded headers of live networks and a model's verdicts
  verify.py chain FILE...               headers in JSON (one, an array, or one a line), or in protobuf
                                        (one, or one a line in hexadecimal)
  verify.py node URL --count N          the N newest headers of a node, over JSON-RPC
     --least-headers N --least-changes N    fail when fewer headers or changes of the set came
     --save FILE                            keep what came, one header a line

Exit status 0 when all holds; each line of the output says what was seen.
"""

import argparse
import glob
import json
import math
import os
import sys
import time
import urllib.request

import forging
import rules
import wire

failures = []


def judge(holds, text):
    print(("ok   " if holds else "FAIL ") + text, flush=True)
    if not holds:
        failures.append(text)


def outcome(check):
    """None when it holds, else the refusal."""
    try:
        check()
        return None
    except rules.Refused as refusal:
        return refusal


# A chain


def judge_chain(chain, least_headers, least_changes, now=None):
    """Consecutive headers: each by itself, each from the one before, all from the first by skipping."""
    heights = [rules.integer(block["header"]["height"]) for block in chain]
    judge(heights == list(range(heights[0], heights[0] + len(chain))), f"heights {heights[0]} to {heights[-1]} are consecutive")
    judge(len(chain) >= least_headers, f"{len(chain)} headers, at least {least_headers}")
    now = now or rules.nanoseconds(chain[-1]["header"]["time"]) + rules.SECOND
    faults, sizes = [], []
    for block in chain:
        fault = outcome(lambda: sizes.append(len(rules.check_header(block))))
        if fault:
            faults.append(f"height {block['header']['height']}: {fault}")
    judge(not faults, f"{len(chain)} headers are valid with every vote {faults[:3] or ''}")
    faults, changes = [], 0
    for parent, block in zip(chain, chain[1:]):
        fault = outcome(lambda: rules.verify(rules.trust(parent), block, now))
        if fault:
            faults.append(f"height {block['header']['height']}: {fault}")
        changes += parent["header"]["validators_hash"] != block["header"]["validators_hash"]
    judge(not faults, f"{len(chain) - 1} steps to the next height {faults[:3] or ''}")
    judge(changes >= least_changes, f"{changes} changes of the validator set, at least {least_changes}; sets of {min(sizes, default=0)} to {max(sizes, default=0)}")
    skipped = soft = 0
    faults = []
    for block in chain[2:]:
        fault = outcome(lambda: rules.verify(rules.trust(chain[0]), block, now))
        if isinstance(fault, rules.TooLittleTrust):
            soft += 1
        elif fault:
            faults.append(f"height {block['header']['height']}: {fault}")
        else:
            skipped += 1
    judge(not faults, f"from the first header {skipped} skips hold, {soft} have too little trust {faults[:3] or ''}")
    if len(chain) > 1:
        judge_bisection(chain, now)
    judge_changes_of(chain, now)


def judge_bisection(chain, now):
    first = rules.integer(chain[0]["header"]["height"])
    try:
        _, asked = rules.bisect(rules.trust(chain[0]), first + len(chain) - 1, lambda height: chain[height - first], now)
        judge(True, f"bisection reaches the last header over {asked} headers")
    except rules.Refused as refusal:
        judge(False, f"bisection to the last header: {refusal}")


def judge_changes_of(chain, now):
    """Mutations of a chain's own headers: the first, the last, and those on both sides of a change."""
    places = {0, len(chain) - 1}
    sets = [block["header"]["validators_hash"] for block in chain]
    borders = [at for at in range(1, len(chain)) if sets[at] != sets[at - 1]]
    for at in borders[:3]:
        places |= {at - 1, at}
    refused, accepted = 0, []
    for place in sorted(places):
        count, missed = forging.judge_leaves(chain[place])
        refused += count
        accepted += [f"{chain[place]['header']['height']}: {path}" for path in missed]
    judge(not accepted and refused > 0, f"{refused} headers with one field changed are refused {accepted[:5] or ''}")
    stripped = [forging.without_quorum(chain[place]) for place in sorted(places)]
    judge(all(outcome(lambda: rules.check_header(block)) for block in stripped), f"{len(stripped)} headers without a quorum are refused")
    if borders:
        swapped = [forging.with_set_of(chain[at], chain[at - 1]) for at in borders]
        judge(all(outcome(lambda: rules.check_header(block)) for block in swapped), f"{len(swapped)} headers with the set before theirs are refused")
    if len(chain) > 2:
        trusted = rules.trust(chain[0])
        own = forging.Forger(["a", "b", "c"])
        forged = own.sign(dict(chain[1]["header"]))
        far = own.sign(dict(chain[-1]["header"]))
        judge(outcome(lambda: rules.check_header(forged)) is None, "a header signed by strangers alone is valid by itself")
        judge(outcome(lambda: rules.verify(trusted, forged, now)) is not None, "and does not follow as the next one")
        judge(isinstance(outcome(lambda: rules.verify(trusted, far, now)), rules.TooLittleTrust), "nor by skipping")
        judge(outcome(lambda: rules.verify(rules.trust(chain[1]), chain[0], now)) is not None, "a lower height does not follow")
        late = rules.nanoseconds(chain[0]["header"]["time"]) + rules.TRUSTING_PERIOD
        judge(outcome(lambda: rules.verify(trusted, chain[1], late)) is not None, "nothing follows after the trusting period")


# This verifier itself


def judge_itself():
    """Chains with keys of our own: what has to follow does, and every attack with those keys does not."""
    def names(*numbers):
        return forging.Forger([f"member {n}" for n in numbers])
    a, b, c, d, e = names(1, 2, 3, 4), names(2, 3, 4, 5), names(3, 4, 5, 6), names(4, 5, 6, 7), names(5, 6, 7, 8)
    chain = forging.forged_chain([a, a, a, b, b, c, c, c, d, d, e, e])
    now = rules.nanoseconds(chain[-1]["header"]["time"]) + rules.SECOND
    judge_chain(chain, 12, 4)
    trusted, asked = rules.bisect(rules.trust(chain[0]), 12, lambda height: chain[height - 1], now)
    judge(trusted.height == 12 and 1 < asked <= 2 * math.ceil(math.log2(12)), f"a complete replacement is crossed over {asked} headers")
    one = rules.trust(chain[0])

    def step(**other):
        return forging.header_after(chain[0], a, a, **other)
    judge(outcome(lambda: rules.verify(one, step(), now)) is None, "a sound step")
    attacks = {
        "another chain": step(chain_id="other"),
        "the same time": step(time=chain[0]["header"]["time"]),
        "an earlier time": step(time="2025-12-31T23:59:59Z"),
        "a time in the future": step(time="2026-01-02T00:00:00Z"),
        "another parent": step(last_block_id={"hash": "11" * 32, "parts": {"total": 1, "hash": "11" * 32}}),
        "no parent": step(last_block_id=None),
        "the same height": step(height="1"),
        "another committee": forging.header_after(chain[0], b, b),
        "another block version": step(version={"block": "10", "app": "9"}),
    }
    for name, block in attacks.items():
        judge(outcome(lambda: rules.verify(one, block, now)) is not None, f"refused: {name}")
    # A third of the trusted set is not enough, more is: 30 equal members, 10 or 11 of whom sign.
    thirty = forging.Forger([f"of thirty {n}" for n in range(30)])
    first = forging.header_after(None, thirty, thirty)
    for signers, is_enough in ((10, False), (11, True)):
        names = [f"of thirty {n}" for n in range(signers)]
        new = forging.Forger(names)
        far = forging.header_after(first, new, new, height="9", time="2026-01-01T00:00:09Z")
        fault = outcome(lambda: rules.verify(rules.trust(first), far, now))
        judge((fault is None) == is_enough and (is_enough or isinstance(fault, rules.TooLittleTrust)), f"{signers} of 30 trusted members {'lead' if is_enough else 'do not lead'} on")
    for signers, is_enough in ((20, False), (21, True)):
        block = thirty.sign(dict(first["header"]), signers=set(range(signers)))
        judge((outcome(lambda: rules.check_header(block)) is None) == is_enough, f"{signers} of 30 votes are {'a' if is_enough else 'no'} commit")


# Live networks


def judge_real(folder):
    chains = {}
    for path in sorted(glob.glob(os.path.join(folder, "devnet-headers", "*.json"))):
        blocks = load(path)
        for block in blocks:
            fault = outcome(lambda: rules.check_header(block))
            judge(fault is None, f"{os.path.basename(path)} height {block['header']['height']} {fault or ''}") if fault or len(blocks) == 1 else None
        chains.setdefault((blocks[0]["header"]["chain_id"], blocks[0]["header"]["validators_hash"]), []).extend(blocks)
    judge(bool(chains), f"{sum(map(len, chains.values()))} recorded headers")
    for chain in chains.values():
        chain.sort(key=lambda block: rules.integer(block["header"]["height"]))
        for first, second in zip(chain, chain[1:]):
            fault = outcome(lambda: rules.verify(rules.trust(first), second, rules.nanoseconds(second["header"]["time"])))
            if fault:
                judge(False, f"height {second['header']['height']}: {fault}")
            adjacent = rules.integer(first["header"]["height"]) + 1 == rules.integer(second["header"]["height"])
            if adjacent and rules.commit_hash(first["commit"]) != rules.hexadecimal(second["header"]["last_commit_hash"]):
                judge(False, f"height {second['header']['height']}: last_commit_hash")
        if len(chain) > 2:
            judge_chain(chain, 3, 0)
    path = os.path.join(folder, "celestia-mainnet-block-408.json")
    if os.path.exists(path):
        judge_block_408(json.load(open(path))["block"])
    judge_cases(os.path.join(folder, "light-client", "model_based", "single_step"))


def judge_block_408(block):
    """Its hashes stand in base64."""
    import base64

    def unpacked(value):
        if isinstance(value, dict):
            return {name: unpacked(part) if name not in ("signature", "chain_id", "time", "timestamp") else part for name, part in value.items()}
        if isinstance(value, list):
            return [unpacked(part) for part in value]
        if isinstance(value, str) and value.endswith("="):
            return base64.b64decode(value).hex()
        return value

    header, commit = unpacked(block["header"]), unpacked(block["last_commit"])
    judge(rules.commit_hash(commit) == rules.hexadecimal(header["last_commit_hash"]), f"block {header['height']} of Celestia: {len(commit['signatures'])} votes give last_commit_hash")


def judge_cases(folder):
    """The verdicts of a model of light clients, file by file."""
    counts, files = {}, sorted(glob.glob(os.path.join(folder, "*.json")))
    for path in files:
        case = json.load(open(path))
        initial = case["initial"]
        trusted = rules.Trusted(initial["signed_header"]["header"], rules.set_members(initial["next_validator_set"]))
        for number, step in enumerate(case["input"]):
            block = dict(step["block"]["signed_header"], validator_set=step["block"]["validator_set"])
            try:
                trusted = rules.verify(
                    trusted, block, rules.nanoseconds(step["now"]), period=int(initial["trusting_period"]),
                    drift=rules.SECOND, needs_parent=False, next_set=step["block"]["next_validator_set"])
                verdict = "SUCCESS"
            except rules.TooLittleTrust:
                verdict = "NOT_ENOUGH_TRUST"
            except rules.Refused:
                verdict = "INVALID"
            if verdict != step["verdict"]:
                judge(False, f"{os.path.basename(path)} step {number}: {verdict}, not {step['verdict']}")
            counts[verdict] = counts.get(verdict, 0) + 1
    judge(len(counts) == 3, f"{len(files)} files of a model's verdicts: {counts}")


# Where headers come from


def load(path):
    data = open(path, "rb").read()
    if data[:1] not in (b"{", b"["):
        if set(data[:64]) <= set(b"0123456789abcdef"):
            return [wire.extended_header(bytes.fromhex(line)) for line in data.decode().split()]
        return [wire.extended_header(data)]
    try:
        value = json.loads(data)
        return value if isinstance(value, list) else [value]
    except json.JSONDecodeError:
        return [json.loads(line) for line in data.splitlines() if line.strip()]


def call(url, method, *parameters):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    answer = json.load(urllib.request.urlopen(request, timeout=60))
    if "error" in answer:
        raise SystemExit(f"{method}: {answer['error']}")
    return answer["result"]


def fetch(url, count):
    head = rules.integer(call(url, "header.LocalHead")["header"]["height"])
    return [call(url, "header.GetByHeight", height) for height in range(max(1, head - count + 1), head + 1)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["itself", "real", "chain", "node"])
    parser.add_argument("place", nargs="*")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--least-headers", type=int, default=1)
    parser.add_argument("--least-changes", type=int, default=0)
    parser.add_argument("--save")
    chosen = parser.parse_args()
    if chosen.what == "itself":
        judge_itself()
    elif chosen.what == "real":
        judge_real(chosen.place[0])
    else:
        now = None
        if chosen.what == "node":
            chain = fetch(chosen.place[0], chosen.count)
            now = time.time_ns()
        else:
            chain = [block for path in chosen.place for block in load(path)]
        if chosen.save:
            with open(chosen.save, "w") as out:
                out.writelines(json.dumps(block) + "\n" for block in chain)
        chain.sort(key=lambda block: rules.integer(block["header"]["height"]))
        judge_chain(chain, chosen.least_headers, chosen.least_changes, now)
    print(f"{len(failures)} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
