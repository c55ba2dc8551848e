#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps a devnet busy, and its committee changing, until it is so high.

  stir.py URL GENESIS --height N [--pause SECONDS]

A blob is posted for each block, so that none is waited for; and where the genesis has staking, coins
of the node's account are delegated to one validator after another, so that each epoch's set is
another. Both are ordinary transactions, asked for by JSON-RPC.
"""

import argparse
import base64
import json
import sys
import time
import urllib.error
import urllib.request


def call(url, method, *parameters):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=120))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("genesis")
    parser.add_argument("--height", type=int, default=1000)
    parser.add_argument("--pause", type=float, default=0)
    parser.add_argument("--amount", type=int, default=5_000_000_000)
    chosen = parser.parse_args()
    genesis = json.load(open(chosen.genesis))
    staking = genesis["app_state"].get("staking") or {}
    operators = [validator["operator_address"] for validator in staking.get("validators", [])]
    every = max(4, int(staking.get("epoch_blocks", 600)) // 2)
    print(f"{len(operators)} operators", flush=True)
    namespace = base64.b64encode(bytes(19) + b"stirred888").decode()
    height = said = moved = last = 0
    while height < chosen.height:
        blob = {"namespace": namespace, "data": base64.b64encode(str(time.time_ns()).encode()).decode(), "share_version": 0}
        answer = call(chosen.url, "blob.Submit", [blob], {})
        if "error" in answer:
            print(f"blob.Submit: {answer['error']}", flush=True)
            time.sleep(1)
            height = int(call(chosen.url, "header.LocalHead")["result"]["header"]["height"])
            continue
        height = answer["result"]
        if operators and height >= last + every:
            last = height
            validator = operators[moved % len(operators)]
            answer = call(chosen.url, "state.Delegate", validator, str(chosen.amount), {})
            if "error" in answer:
                sys.exit(f"state.Delegate: {answer['error']}")
            moved += 1
        if height >= said + 100:
            said = height
            print(f"height {height}, {moved} delegations", flush=True)
        time.sleep(chosen.pause)
    print(f"height {height}, {moved} delegations", flush=True)


if __name__ == "__main__":
    main()
